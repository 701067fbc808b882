using System.Collections.Immutable;
using System.Reflection;
using Maestro.Identity;

namespace Maestro.Commands;

/// <summary>What a verb needs of whoever uses it. Its roles are those that the grain methods admit which it calls, so nobody writes them twice.</summary>
/// <param name="Verb">As it is typed, such as <c>audit tail</c>; with an option where the option needs something else.</param>
/// <param name="Else">What it needs beside roles, or in place of them.</param>
/// <param name="Calls">The grain methods that it calls.</param>
internal sealed record VerbNeed(string Verb, string Else, params ImmutableArray<MethodInfo> Calls)
{
    /// <summary>The role that something else than a grain asks for.</summary>
    public Role Beside { get; init; }

    /// <summary>The command without option and argument.</summary>
    public string Command => string.Join(' ', Verb.Split(' ').TakeWhile(word => char.IsAsciiLetterLower(word[0])));

    /// <summary>Whether it calls something that asks for a second factor where an outside issuer is trusted.</summary>
    public bool AsksForStepUp => Calls.Any(call => call.GetCustomAttribute<StepUpAttribute>() is not null);

    /// <summary>A person needs one role of each, such as viewer, and sre or security.</summary>
    public ImmutableArray<ImmutableArray<Role>> Roles
    {
        get
        {
            ImmutableArray<ImmutableArray<Role>> all =
            [
                .. Calls.Select(RolesOf).Distinct(SameRoles.Instance), .. Beside is Role.None ? [] : (ImmutableArray<ImmutableArray<Role>>)[[Beside]],
            ];
            // Whoever has what the narrower one asks has what the wider one asks.
            return [.. all.Where(wide => !all.Any(narrow => narrow.Length < wide.Length && narrow.All(wide.Contains)))];
        }
    }

    /// <summary>The roles in short: a comma is "and", a slash is "or".</summary>
    public string Short => Roles.IsEmpty ? "-" : string.Join(", ", Roles.Select(one => string.Join('/', one.Select(Principal.Name))));

    /// <summary>What it needs beside roles, in short.</summary>
    public string Beyond => string.Join(", ", new[] { AsksForStepUp ? "second factor" : "", Else }.Where(text => text.Length > 0));

    private static ImmutableArray<Role> RolesOf(MethodInfo call) =>
        [.. Principal.PeopleRoles.Where(role => call.GetCustomAttribute<AdmitsAttribute>()?.Roles.Contains(role) is true)];

    private sealed class SameRoles : IEqualityComparer<ImmutableArray<Role>>
    {
        public static readonly SameRoles Instance = new();

        public bool Equals(ImmutableArray<Role> x, ImmutableArray<Role> y) => x.SequenceEqual(y);

        public int GetHashCode(ImmutableArray<Role> obj) => obj.Aggregate(0, HashCode.Combine);
    }
}
