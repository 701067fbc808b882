using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>Who is who, as the root signed it.</summary>
/// <param name="Number">Rises with every change, so that an older roster cannot take a newer one's place.</param>
internal sealed record Roster(long Number, ImmutableArray<Person> People)
{
    private const string PayloadType = "application/vnd.maestro.roster+json";

    public static Roster Empty { get; } = new(0, []);

    /// <exception cref="OutsideException">It cannot be read, or the root did not sign what it says.</exception>
    public static Roster Read(string path, string root) => Checked(SignedFile.Read<Roster>(path, PayloadType, root));

    /// <summary>The roster in an envelope.</summary>
    /// <exception cref="OutsideException">The root did not sign what it says.</exception>
    public static Roster Of(ReadOnlySpan<byte> envelope, string root) => Checked(SignedFile.Of<Roster>(envelope, PayloadType, root, "A roster"));

    public void Write(string path, KeyFile root) => SignedFile.Write(path, PayloadType, this, root);

    public Person? Find(string id) => People.FirstOrDefault(person => person.Id == id);

    public Person? FindByEmail(string email) =>
        People.FirstOrDefault(person => person.Emails.Contains(email, StringComparer.OrdinalIgnoreCase));

    public Person? FindByAccount(string account) => People.FirstOrDefault(
        person => person.AccountsElsewhere().Select(LinkedAccounts.Folded).Contains(LinkedAccounts.Folded(account), StringComparer.Ordinal));

    public ImmutableArray<Person> AccountsOf(string id) => LinkedAccounts.Of(id, People);

    /// <summary>The roster with this person added or changed, and the next number.</summary>
    public Roster With(Person person) => new(Number + 1, [.. People.Where(known => known.Id != person.Id), person]);

    /// <summary>The roster in which one name, and all that are linked to it, is the same human being as another.</summary>
    /// <exception cref="Deployments.RefusedException">There is nobody of the other name.</exception>
    public Roster Linked(string name, string other)
    {
        if (other != name && Find(other) is null)
        {
            throw new Deployments.RefusedException(new Deployments.Reason(
                "people.identity", "Accounts are linked to a person of the roster.", "the name of a person who is enrolled",
                new UntrustedText(other).Shown(64), "Enrol that person first, or name another with --same-as."));
        }
        var identity = other == name ? null : Find(other)!.Identity ?? other;
        // Linking back to oneself frees this name alone; whoever is linked to it stays linked.
        return this with
        {
            People = [.. People.Select(person => person.Id == identity ? person with { Identity = null }
                : person.Id == name || (identity is not null && person.Identity == name) ? person with { Identity = identity } : person)],
        };
    }

    private static Roster Checked(Roster roster) =>
        !(roster.Number > 0 && roster.People.All(person => RegisteredKey.IsKey(person.PublicKey))
        && roster.People.DistinctBy(person => person.Id).Count() == roster.People.Length)
            ? throw Problem("A roster names each person once, with a key.", "people with Ed25519 keys", "something else")
        : roster.FindKnot() is { } knot ? throw Problem(
            "An identity is the name of one person, and an address or account belongs to one identity.", "identities that are consistent", knot)
        : roster;

    // A chain of identities would make who is who depend on how far somebody follows it, so there is none, and no cycle either.
    private string? FindKnot()
    {
        string IdentityOf(Person person) => person.Identity ?? person.Id;
        if (People.FirstOrDefault(person => Find(IdentityOf(person)) is not { } root || IdentityOf(root) != root.Id) is { } loose)
        {
            return $"{loose.Id}, whose identity is {IdentityOf(loose)}";
        }
        var marks = People.SelectMany(person => person.Emails.Select(email => $"the address {email.ToUpperInvariant()}")
            .Concat(person.AccountsElsewhere().Select(account => $"the account {LinkedAccounts.Folded(account)}"))
            .Append($"the key {person.PublicKey}").Select(mark => (Mark: mark, Identity: IdentityOf(person))));
        return marks.GroupBy(one => one.Mark, StringComparer.Ordinal).FirstOrDefault(group => group.Distinct().Count() > 1) is { } shared
            ? $"{new UntrustedText(shared.Key).Shown(80)} of {string.Join(" and ", shared.Select(one => one.Identity).Distinct())}"
            : null;
    }

    private static OutsideException Problem(string rule, string expected, string found) =>
        new(new Deployments.Reason("people.roster", rule, expected, found, "Restore the roster from a copy."));
}
