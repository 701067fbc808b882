using System.Net;
using Maestro.Hosting;
using Orleans.Configuration;

namespace Maestro.Cluster;

/// <summary>How silos find each other and notice that one is gone.</summary>
internal static class Membership
{
    public static ISiloBuilder JoinCluster(this ISiloBuilder silo, ClusterSilo member, SiloFile file)
    {
        silo.UseAdoNetClustering(options => options.Configure<OrleansDatabase>((clustering, database) =>
            (clustering.Invariant, clustering.DataSource) = (database.Invariant, database.Source)));
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (file.ClusterId, file.ServiceId));
        silo.Configure<SiloOptions>(options => options.SiloName = member.Name);
        silo.ConfigureEndpoints(IPAddress.Loopback, file.SiloPort, file.GatewayPort, listenOnAnyHostAddress: false);
        silo.SecurePortsAs(member.Roles);
        silo.Configure<ClusterMembershipOptions>(Detect);
        silo.Configure<SiloMessagingOptions>(options => (options.ResponseTimeout, options.SystemResponseTimeout) = (CallWithin, CallWithin));
        return silo;
    }

    // For whoever waits for a dead silo's answer, this and not detection is how long it takes.
    private static readonly TimeSpan CallWithin = TimeSpan.FromSeconds(10);

    private static void Detect(ClusterMembershipOptions options)
    {
        // A killed silo refuses connections at once, so two missed probes half a second apart are enough to be sure of it.
        options.ProbeTimeout = TimeSpan.FromMilliseconds(500);
        options.NumMissedProbesLimit = 2;
        // A slow one keeps its connections: nobody votes against a silo from which anything came within this times the limit.
        options.MaxProbeTimeout = TimeSpan.FromSeconds(5);
        options.EnableConnectionLivenessCheck = true;
        options.EnableIndirectProbes = true;
        options.NumVotesForDeathDeclaration = 2;
        // After all silos died at once their rows must not keep the new ones waiting for long.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3);
        options.NumMissedTableIAmAliveLimit = 3;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
    }
}
