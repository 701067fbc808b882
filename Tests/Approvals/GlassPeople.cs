using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Approvals;

/// <summary>People with real keys in a real roster, a gateway, and a question that they may break the glass for.</summary>
public sealed class GlassPeople : IAsyncLifetime
{
    internal static readonly DateTimeOffset Now = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
    internal static readonly Digest Plan = Digest.Of("plan"u8);
    internal static readonly Digest Image = Digest.Of("image"u8);

    /// <summary>Answers for production, and has a second account, sam-by-night.</summary>
    internal const string Sam = "sam";

    /// <summary>May be the second only.</summary>
    internal const string Sue = "sue";

    private readonly Folder _folder = new();

    internal RosterFile Roster { get; private set; } = null!;

    internal FileKeyring Keyring { get; private set; } = null!;

    internal GlassCheck Check { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control, Role.Gateway, Role.Desk]);
        var enrolment = new Enrolment(_folder.Keys, _folder.RosterPath);
        foreach (var (name, role, sameAs) in new[]
        {
            (Sam, Role.Sre, null), (Sue, Role.Security, null), ("ada", Role.Admin, null), ("rita", Role.Reviewer, null), ("sam-by-night", Role.Sre, Sam),
        })
        {
            await enrolment.EnrolAsync(
                name, [$"{name}@example.com"], [role], ["crew"], sameAs, _folder.Personal, TestContext.Current.CancellationToken);
        }
        Roster = new(_folder.RosterPath, KeyRegistry.RootOf(_folder.Keys), TimeProvider.System, NullLogger<RosterFile>.Instance);
        Keyring = Open(Roster);
        Check = new(Keyring, Roster);
    }

    public ValueTask DisposeAsync()
    {
        Keyring.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The same keys with another word on who has which.</summary>
    internal FileKeyring Open(IDirectory directory) => FileKeyring.Open(
        _folder.Keys, KeyRegistry.RootOf(_folder.Keys), [Role.Control, Role.Gateway, Role.Desk], directory);

    internal PersonKey KeyOf(string person) => _folder.KeyOf(person);

    internal static GlassBreak Word(string person = Sam) => new(
        "pr/local/acme/shop/1", 1, Stage.Approval, new string('a', 40), new string('b', 40), Plan, Image, "production", "nonce-nonce-nonce-1",
        "production is down", Now.AddMinutes(30), person, Now, Now.AddMinutes(10));

    /// <summary>The word with the person's own signature alone.</summary>
    internal Envelope Bare(GlassBreak word)
    {
        using var key = KeyOf(word.Person);
        return PersonSigner.Sign(key, word);
    }

    /// <summary>The word with both signatures.</summary>
    internal string Signed(GlassBreak word) => Countersign.Text(Keyring, Bare(word), word);

    /// <summary>A question about just this.</summary>
    internal static ApprovalRequest Question(GlassBreak asked, params string[] authors) => new(
        asked.Deployment, asked.Attempt, asked.Stage, 1, asked.Head, asked.Base, asked.Plan, asked.Image, asked.Environment, asked.Nonce, Now,
        Now.AddHours(24), 1, [], [.. authors], "?", [], []);
}

/// <summary>A directory that says something else about one person.</summary>
internal sealed class RosterWith(IDirectory roster, string id, Func<Person, Person> change) : IDirectory
{
    public Person? Find(string person) => roster.Find(person) is not { } found ? null : person == id ? change(found) : found;

    public Person? FindByEmail(string email) => roster.FindByEmail(email);

    public Person? FindByAccount(string account) => roster.FindByAccount(account);

    public ImmutableArray<Person> AccountsOf(string person) =>
        LinkedAccounts.Of(person, [.. new[] { GlassPeople.Sam, GlassPeople.Sue, "ada", "rita" }.Select(name => Find(name)!)]);
}

/// <summary>A directory in which everybody answers for production, and no name is linked to another.</summary>
internal sealed class AnybodysRoster : IDirectory
{
    public Person? Find(string id) => new(id, [], [Role.Sre, Role.Reviewer], ["crew"], "", null, []);

    public Person? FindByEmail(string email) => Find(email);

    public Person? FindByAccount(string account) => null;

    public ImmutableArray<Person> AccountsOf(string id) => [Find(id)!];
}
