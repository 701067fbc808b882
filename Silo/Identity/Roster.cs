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

    public Person? FindByAccount(string account) =>
        People.FirstOrDefault(person => !person.Accounts.IsDefaultOrEmpty && person.Accounts.Contains(account, StringComparer.Ordinal));

    /// <summary>The roster with this person added or changed, and the next number.</summary>
    public Roster With(Person person) => new(Number + 1, [.. People.Where(known => known.Id != person.Id), person]);

    private static Roster Checked(Roster roster) =>
        roster.Number > 0 && roster.People.All(person => RegisteredKey.IsKey(person.PublicKey))
        && roster.People.DistinctBy(person => person.Id).Count() == roster.People.Length
            ? roster
            : throw new OutsideException(new Deployments.Reason(
                "people.roster", "A roster names each person once, with a key.", "people with Ed25519 keys", "something else",
                "Restore the roster from a copy."));
}
