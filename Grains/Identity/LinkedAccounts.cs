using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// Which entries of a roster are one human being. Whatever two of them share makes them one: identity, key, address or account elsewhere. It is
/// closed over all of these, so a chain of names is as good as one.
/// </summary>
public static class LinkedAccounts
{
    /// <summary>All entries of the person who has this id, that one first; empty where the roster has none.</summary>
    public static ImmutableArray<Person> Of(string id, IReadOnlyCollection<Person> roster)
    {
        if (roster.FirstOrDefault(person => person.Id == id) is not { } first)
        {
            return [];
        }
        var marks = new HashSet<string>(MarksOf(first), StringComparer.Ordinal);
        var found = ImmutableArray.CreateBuilder<Person>();
        found.Add(first);
        while (roster.FirstOrDefault(person => !found.Contains(person) && MarksOf(person).Any(marks.Contains)) is { } another)
        {
            found.Add(another);
            marks.UnionWith(MarksOf(another));
        }
        return found.ToImmutable();
    }

    /// <summary>An account as it is compared: the subject of an issuer is taken as it is, all other names without regard to case.</summary>
    public static string Folded(string account) =>
        account.StartsWith("oidc:", StringComparison.Ordinal) ? account : account.ToUpperInvariant();

    /// <summary>The accounts; none where an older roster does not say.</summary>
    public static ImmutableArray<string> AccountsElsewhere(this Person person) => person.Accounts.IsDefault ? [] : person.Accounts;

    private static IEnumerable<string> MarksOf(Person person) =>
    [
        $"id {person.Id}", $"id {person.Identity ?? person.Id}", .. person.PublicKey.Length > 0 ? [$"key {person.PublicKey}"] : Array.Empty<string>(),
        .. person.Emails.Select(email => $"address {email.ToUpperInvariant()}"),
        .. person.AccountsElsewhere().Select(account => $"account {Folded(account)}"),
    ];
}

/// <summary>Compares people, not names: nobody gets around a rule with a second account.</summary>
public static class OnePerson
{
    /// <summary>One name for all accounts of the person; null where the directory does not know the id.</summary>
    public static string? IdentityOf(this IDirectory directory, string id) =>
        directory.AccountsOf(id).Select(person => person.Id).Order(StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Whether two ids are one person. Somebody unknown is nobody but themselves.</summary>
    public static bool IsSame(this IDirectory directory, string one, string other) =>
        one == other || directory.AccountsOf(one).Any(person => person.Id == other);

    /// <summary>Whether the person is one of these, under any id, address or account of theirs.</summary>
    /// <param name="names">Ids of the roster, addresses, or accounts elsewhere.</param>
    public static bool IsAmong(this IDirectory directory, string id, IReadOnlyCollection<string> names) => directory.AccountsOf(id)
        .SelectMany(person => person.Emails.Append(person.Id).Append(person.Identity ?? person.Id).Concat(person.AccountsElsewhere()))
        .Append(id).Any(name => names.Contains(name, StringComparer.OrdinalIgnoreCase));
}
