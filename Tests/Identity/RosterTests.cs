using System.Collections.Immutable;
using System.Text;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Identity;

public sealed class RosterTests : IDisposable
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("a message");

    private readonly Folder _folder = new();

    public RosterTests() => new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_person_gets_every_role_and_the_next_one_may_look()
    {
        var anna = await EnrolAsync("anna");
        var bob = await EnrolAsync("bob");
        Assert.Equal(Principal.PeopleRoles, anna.Roles.AsEnumerable());
        Assert.Equal([Role.Viewer], bob.Roles.AsEnumerable());
        Assert.Equal("anna", Open().FindByEmail("ANNA@example.com")?.Id);
        Assert.Null(Open().Find("carol"));
    }

    [Fact]
    public async Task A_persons_own_key_is_the_only_one_that_signs_for_them()
    {
        await EnrolAsync("anna");
        await EnrolAsync("bob");
        using var anna = _folder.KeyOf("anna");
        using var keyring = FileKeyring.Open(_folder.Keys, Root, [Role.Control], Open());
        Assert.True(keyring.VerifyPerson("anna", Message, anna.Sign(Message)));
        Assert.False(keyring.VerifyPerson("bob", Message, anna.Sign(Message)));
        Assert.False(keyring.VerifyPerson("carol", Message, anna.Sign(Message)));
    }

    [Fact]
    public async Task Enrolling_again_keeps_the_key_and_changes_what_is_given()
    {
        var before = await EnrolAsync("anna");
        var after = await new Enrolment(_folder.Keys, _folder.RosterPath).EnrolAsync(
            "anna", null, [Role.Reviewer], ["shop"], _folder.Personal, TestContext.Current.CancellationToken);
        Assert.Equal(before.PublicKey, after.PublicKey);
        Assert.Equal(["anna@example.com"], after.Emails.AsEnumerable());
        Assert.Equal([Role.Reviewer], after.Roles.AsEnumerable());
        Assert.Equal(2, Roster.Read(_folder.RosterPath, Root).Number);
    }

    [Theory]
    [InlineData("role:control")]
    [InlineData("root")]
    [InlineData("Anna")]
    [InlineData("../anna")]
    [InlineData("")]
    public async Task A_name_that_is_no_persons_is_refused(string name) =>
        Assert.Equal("people.enrolment", (await Refused.ByAsync(() => EnrolAsync(name)))?.Reason.Code);

    [Fact]
    public async Task A_silos_role_and_another_persons_address_are_refused()
    {
        await EnrolAsync("anna");
        Assert.NotNull(await Refused.ByAsync(() => EnrolAsync("bob", Role.Control)));
        Assert.NotNull(await Refused.ByAsync(() => new Enrolment(_folder.Keys, _folder.RosterPath).EnrolAsync(
            "bob", ["Anna@example.com"], null, null, _folder.Personal, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_newer_roster_counts_from_the_next_question_on()
    {
        await EnrolAsync("anna");
        var roster = Open();
        foreach (var name in Enumerable.Range(1, 20).Select(number => $"bob{number}"))
        {
            Assert.Null(roster.Find(name));
            await EnrolAsync(name);
            Assert.NotNull(roster.Find(name));
        }
    }

    [Fact]
    public async Task A_tampered_or_older_roster_is_not_believed()
    {
        await EnrolAsync("anna");
        var older = await File.ReadAllBytesAsync(_folder.RosterPath, TestContext.Current.CancellationToken);
        await EnrolAsync("bob");
        var roster = Open();
        Replace(older);
        Assert.NotNull(roster.Find("bob"));
        Replace(Encoding.UTF8.GetBytes("{}"));
        Assert.NotNull(roster.Find("bob"));
        using (var mallory = KeyFile.Create(_folder["mallory.key"], "root"))
        {
            new Roster(99, []).Write(_folder.RosterPath, mallory);
            Assert.NotNull(roster.Find("bob"));
            Assert.Throws<OutsideException>(Open);
            Assert.Empty(Roster.Read(_folder.RosterPath, mallory.PublicKey).People);
        }
        File.Delete(_folder.RosterPath);
        Assert.NotNull(roster.Find("bob"));
    }

    [Fact]
    public async Task People_enrolled_at_once_are_all_in_the_roster()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => EnrolAsync($"person{number}", Role.Viewer)));
        Assert.Equal(8, Roster.Read(_folder.RosterPath, Root).People.Length);
    }

    [Fact]
    public async Task One_key_is_one_person_and_a_request_replaces_a_key_only_where_that_is_said()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var enrolment = new Enrolment(_folder.Keys, _folder.RosterPath);
        var eve = PersonRequest.Make(_folder["eve.key"], "eve");
        await enrolment.EnrolAsync(eve, null, null, null, replaces: false, cancellation);
        using var key = KeyFile.Load(_folder["eve.key"]);
        var twin = new PersonRequest("mallory", key.PublicKey, Convert.ToBase64String(key.Sign("maestro.person/v1\nmallory"u8)));
        PersonRequest[] refused =
        [
            twin, twin with { PublicKey = twin.PublicKey.TrimEnd('=') }, eve with { Person = "anna" }, PersonRequest.Make(_folder["other.key"], "eve"),
        ];
        foreach (var request in refused)
        {
            Assert.NotNull(await Refused.ByAsync(() => enrolment.EnrolAsync(request, null, null, null, replaces: false, cancellation)));
        }
        Assert.Equal("eve", (await enrolment.EnrolAsync(refused[3], null, null, null, replaces: true, cancellation)).Id);
        Assert.Equal(refused[3].PublicKey, Roster.Read(_folder.RosterPath, Root).Find("eve")!.PublicKey);
    }

    private string Root => KeyRegistry.RootOf(_folder.Keys);

    private RosterFile Open() => new(_folder.RosterPath, Root, TimeProvider.System, NullLogger<RosterFile>.Instance);

    private Task<Person> EnrolAsync(string name, params Role[] roles) => new Enrolment(_folder.Keys, _folder.RosterPath).EnrolAsync(
        name, [$"{name}@example.com"], roles.Length == 0 ? null : roles.ToImmutableArray(), null, _folder.Personal,
        TestContext.Current.CancellationToken);

    private void Replace(byte[] content) => PrivateFile.Replace(_folder.RosterPath, content);
}
