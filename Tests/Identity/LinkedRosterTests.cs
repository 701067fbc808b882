using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>How accounts are linked in the roster, and which rosters are not believed.</summary>
public sealed class LinkedRosterTests : IDisposable
{
    private static readonly Dictionary<string, Func<ImmutableArray<Person>, ImmutableArray<Person>>> Ties = new(StringComparer.Ordinal)
    {
        ["a cycle"] = people => [people[0] with { Identity = "bob" }, people[1] with { Identity = "anna" }, people[2]],
        ["a chain"] = people => [people[0], people[1] with { Identity = "anna" }, people[2] with { Identity = "bob" }],
        ["an identity of nobody"] = people => [people[0], people[1] with { Identity = "nobody" }, people[2]],
        ["an address of two"] = people => [people[0], people[1] with { Emails = ["ANNA@example.com"] }, people[2]],
        ["an account of two"] = people => [people[0] with { Accounts = ["github:x"] }, people[1] with { Accounts = ["github:X"] }, people[2]],
        ["a key of two"] = people => [people[0], people[1] with { PublicKey = people[0].PublicKey }, people[2]],
    };

    private readonly Folder _folder = new();

    public LinkedRosterTests() => new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control]);

    public static TheoryData<string> Knots => [.. Ties.Keys];

    private string Root => KeyRegistry.RootOf(_folder.Keys);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_account_that_is_enrolled_as_the_same_is_the_same_person()
    {
        await EnrolAsync("anna");
        var second = await EnrolAsync("anna-work", "anna");
        Assert.Equal("anna", second.Identity);
        var roster = Roster.Read(_folder.RosterPath, Root);
        Assert.Equal(["anna-work", "anna"], roster.AccountsOf("anna-work").Select(person => person.Id));
        Assert.Equal(["anna", "anna-work"], roster.AccountsOf("anna").Select(person => person.Id));
    }

    [Fact]
    public async Task Linking_people_links_all_that_were_linked_to_them()
    {
        await EnrolAsync("anna");
        await EnrolAsync("anna-work", "anna");
        await EnrolAsync("bob");
        await EnrolAsync("anna", "bob");
        var roster = Roster.Read(_folder.RosterPath, Root);
        Assert.Equal(["anna", "anna-work", "bob"], roster.AccountsOf("bob").Select(person => person.Id).Order());
        // Another link within one identity, in whatever direction, makes no cycle.
        await EnrolAsync("bob", "anna-work");
        Assert.Equal(3, Roster.Read(_folder.RosterPath, Root).AccountsOf("anna").Length);
    }

    [Fact]
    public async Task A_link_is_undone_by_ones_own_name()
    {
        await EnrolAsync("anna");
        await EnrolAsync("anna-work", "anna");
        Assert.Null((await EnrolAsync("anna-work", "anna-work")).Identity);
        Assert.Single(Roster.Read(_folder.RosterPath, Root).AccountsOf("anna"));
    }

    [Fact]
    public async Task Nobody_is_linked_to_a_name_that_is_not_enrolled()
    {
        await EnrolAsync("anna");
        Assert.Equal("people.identity", (await Refused.ByAsync(() => EnrolAsync("anna-work", "nobody")))?.Reason.Code);
        Assert.Null(Roster.Read(_folder.RosterPath, Root).Find("anna-work"));
    }

    [Fact]
    public async Task Enrolling_again_keeps_the_link()
    {
        await EnrolAsync("anna");
        await EnrolAsync("anna-work", "anna");
        Assert.Equal("anna", (await EnrolAsync("anna-work")).Identity);
    }

    [Theory, MemberData(nameof(Knots))]
    public async Task A_roster_in_which_it_is_not_clear_who_is_who_is_not_believed(string knot)
    {
        foreach (var person in new[] { "anna", "bob", "carol" })
        {
            await EnrolAsync(person);
        }
        var sound = Roster.Read(_folder.RosterPath, Root);
        using var root = KeyFile.Load(Path.Combine(_folder.Keys, KeyRegistry.RootKey), KeyRegistry.RootOwner);
        new Roster(sound.Number + 1, Ties[knot](sound.People)).Write(_folder.RosterPath, root);
        Assert.Equal("people.roster", Assert.Throws<OutsideException>(() => Roster.Read(_folder.RosterPath, Root)).Reason.Code);
        // Where it is clear, it is believed: the same people, written in the same way.
        new Roster(sound.Number + 1, sound.People).Write(_folder.RosterPath, root);
        Assert.Equal(3, Roster.Read(_folder.RosterPath, Root).People.Length);
    }

    private Task<Person> EnrolAsync(string name, string? sameAs = null) => new Enrolment(_folder.Keys, _folder.RosterPath).EnrolAsync(
        name, [$"{name}@example.com"], null, null, sameAs, _folder.Personal, TestContext.Current.CancellationToken);
}
