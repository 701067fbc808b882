using System.Collections.Immutable;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Cluster;

/// <summary>Which silos of the cluster have which role, by what they say they can host. It may be seconds behind.</summary>
internal sealed class Presence(IClusterManifestProvider manifests, ISiloStatusOracle silos, ILocalSiloDetails local) : IPresence
{
    // A grain that only silos with the role can host.
    private static readonly ImmutableDictionary<Role, GrainType> Marks = new Dictionary<Role, GrainType>
    {
        [Role.Control] = GrainType.Create("deployment"),
        [Role.Gateway] = GrainType.Create("gateway"),
        [Role.Review] = GrainType.Create("code-review-agent"),
        [Role.Build] = GrainType.Create("build-agent"),
        [Role.Infrastructure] = GrainType.Create("infrastructure-agent"),
        [Role.Deployment] = GrainType.Create("deployment-agent"),
        [Role.Custody] = GrainType.Create("custody"),
    }.ToImmutableDictionary();

    public bool HasSiloWith(Role role) => Silos(role).Length > 0;

    /// <summary>The live silos with the role, in an order that all silos see alike.</summary>
    public ImmutableArray<SiloAddress> Silos(Role role)
    {
        if (!Marks.TryGetValue(role, out var mark))
        {
            return [.. Live()];
        }
        var known = manifests.Current.Silos;
        return [.. Live().Where(silo => known.TryGetValue(silo, out var manifest) && manifest.Grains.ContainsKey(mark))];
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
