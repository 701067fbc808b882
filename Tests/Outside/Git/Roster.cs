using System.Collections.Immutable;
using Maestro.Identity;

namespace Maestro.Outside.Git;

/// <summary>A directory of two people: alice and bob, both at example.com.</summary>
internal sealed class Roster : IDirectory
{
    private static readonly Person[] People = [.. new[] { "alice", "bob" }.Select(id => new Person(id, [$"{id}@example.com"], [], [], "", null, []))];

    public Person? Find(string id) => People.SingleOrDefault(person => person.Id == id);

    public Person? FindByEmail(string email) =>
        People.SingleOrDefault(person => person.Emails.Contains(email, StringComparer.OrdinalIgnoreCase));

    public Person? FindByAccount(string account) => null;

    public ImmutableArray<Person> AccountsOf(string id) => LinkedAccounts.Of(id, People);
}
