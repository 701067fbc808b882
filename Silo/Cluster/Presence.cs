using System.Collections.Immutable;
using Maestro.Identity;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Maestro.Cluster;

/// <summary>Which silos of the cluster have which role, by what they say they can host. It may be seconds behind.</summary>
internal sealed class Presence(IClusterManifestProvider manifests, ISiloStatusOracle silos, ILocalSiloDetails local, GrainTypeResolver types) : IPresence
{
    private static readonly ImmutableArray<(Role Role, Type Class)> Marks =
        [.. new[] { typeof(Deployments.DeploymentGrain), typeof(Deployments.GatewayGrain), typeof(Agents.CodeReviewAgentGrain), typeof(Agents.InfrastructureAgentGrain),
            typeof(Agents.DeploymentAgentGrain) }.Select(type => (RoleClasses.RoleOf(type)!.Value, type))];

    public bool HasSiloWith(Role role) => Silos(role).Length > 0;

    /// <summary>The live silos with the role, in an order that all silos see alike.</summary>
    public ImmutableArray<SiloAddress> Silos(Role role)
    {
        var mark = Marks.FirstOrDefault(mark => mark.Role == role).Class;
        if (mark is null)
        {
            return [.. Live()];
        }
        var type = types.GetGrainType(mark);
        var known = manifests.Current.Silos;
        return [.. Live().Where(silo => known.TryGetValue(silo, out var manifest) && manifest.Grains.ContainsKey(type))];
    }

    /// <summary>Which share of the work of a role is this silo's: its place among the silos with the role, and how many there are.</summary>
    public (int Place, int Of) Share(Role role)
    {
        var silos = Silos(role);
        return (silos.IndexOf(local.SiloAddress), silos.Length);
    }

    private IEnumerable<SiloAddress> Live() =>
        silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Order(Comparer<SiloAddress>.Create((left, right) => left.CompareTo(right)));
}
