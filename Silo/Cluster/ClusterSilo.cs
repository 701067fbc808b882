using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Cluster;

/// <summary>One silo of a cluster.</summary>
/// <param name="Name">Its name, unlike that of every other silo of this machine: letters, digits and dashes.</param>
/// <param name="Roles">What it acts as.</param>
/// <param name="HealthPort">The loopback port of <c>/health/live</c> and <c>/health/ready</c>; 0 for none.</param>
public sealed record ClusterSilo(string Name, ImmutableArray<Role> Roles, int HealthPort = 0)
{
    private const int LongestName = 40;

    /// <exception cref="RefusedException"><c>silo.name</c> or <c>silo.roles</c>.</exception>
    public static ClusterSilo Of(string name, string roles, int healthPort) =>
        name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? new(name, SiloRoles.Parse(roles), healthPort)
            : throw new RefusedException(new Reason(
                "silo.name", "A silo's name is plain.", $"1 to {LongestName} letters, digits and dashes", new Outside.UntrustedText(name).Shown(60),
                "Correct --name."));
}
