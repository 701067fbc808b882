using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>The directory of whoever believes roles and no people, such as a console or the edge.</summary>
internal sealed class NobodyKnown : IDirectory
{
    public static NobodyKnown Instance { get; } = new();

    public Person? Find(string id) => null;

    public Person? FindByEmail(string email) => null;

    public Person? FindByAccount(string account) => null;

    public ImmutableArray<Person> AccountsOf(string id) => [];
}
