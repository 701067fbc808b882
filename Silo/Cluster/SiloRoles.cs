using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Cluster;

/// <summary>The roles a silo may be given on its command line, and what it then acts as.</summary>
internal static class SiloRoles
{
    // The desk and the ledger keep what the control plane decides, so they come with it.
    private static readonly ImmutableSortedDictionary<string, ImmutableArray<Role>> Known = new Dictionary<string, ImmutableArray<Role>>
    {
        ["control"] = [Role.Control, Role.Desk, Role.Ledger],
        ["review"] = [Role.Review],
        ["build"] = [Role.Build],
        ["infrastructure"] = [Role.Infrastructure],
        ["deployment"] = [Role.Deployment],
        ["custody"] = [Role.Custody],
        ["gateway"] = [Role.Gateway],
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The names, in order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Known.Keys];

    /// <summary>Every role.</summary>
    public static ImmutableArray<Role> All { get; } = [.. Known.Values.SelectMany(roles => roles)];

    /// <param name="text">Names with commas between them.</param>
    /// <exception cref="RefusedException"><c>silo.roles</c>: one of them is no role, or there is none.</exception>
    public static ImmutableArray<Role> Parse(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.FirstOrDefault(name => !Known.ContainsKey(name)) is { } unknown ? throw Refused(unknown)
            : names.Length == 0 ? throw Refused("none")
            : [.. names.Distinct(StringComparer.Ordinal).SelectMany(name => Known[name])];
    }

    /// <summary>The name of the role on a command line.</summary>
    public static string NameOf(Role role) => Known.First(known => known.Value.Contains(role)).Key;

    private static RefusedException Refused(string found) => new(new Reason(
        "silo.roles", "A silo has one or more of the known roles.", string.Join(",", Names), new Outside.UntrustedText(found).Shown(80), "Correct --roles."));
}
