using System.Collections.Immutable;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Maestro.Cluster;

/// <summary>
/// Who may connect to whom in a cluster: silos to silos, and to a gateway silos and people of the roster. A silo on its own talks to itself and
/// to this machine's console over loopback, without TLS.
/// </summary>
internal static class SecurePorts
{
    private static readonly string Gateway = Principal.OfRole(Role.Gateway);

    public static ISiloBuilder SecurePortsAs(this ISiloBuilder silo, ImmutableArray<Role> roles)
    {
        silo.Services.AddSingleton(services =>
        {
            var keyring = services.GetRequiredService<IKeyring>();
            return new PeerConnections(
                [.. roles.Select(role => (Principal.OfRole(role), (Signer)(message => keyring.Sign(role, message))))], keyring,
                services.GetRequiredService<IDenials>, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<PeerConnections>>());
        });
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<PeerConnections>((options, peers) =>
        {
            options.ConfigureSiloInboundConnection(builder => peers.Accept(builder, IsSilo));
            options.ConfigureSiloOutboundConnection(builder => peers.Connect(builder, IsSilo));
            // Whoever comes this far is somebody; what they may do is each method's to say.
            options.ConfigureGatewayInboundConnection(builder => peers.Accept(builder, _ => true));
        });
        return silo;
    }

    /// <summary>A person's connection to a gateway, which must show that it is one.</summary>
    /// <param name="keyring">Whose word counts for this console.</param>
    public static void SecureConnection(this IClientBuilder client, Func<IServiceProvider, IKeyring> keyring)
    {
        client.Services.AddSingleton(services => new PeerConnections(
            [(services.GetRequiredService<PersonKey>().Person, services.GetRequiredService<PersonKey>().Sign)], keyring(services), null,
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<PeerConnections>>()));
        client.Services.AddOptions<ClientConnectionOptions>().Configure<PeerConnections>(
            (options, peers) => options.ConfigureConnection(builder => peers.Connect(builder, principal => principal == Gateway)));
    }

    private static bool IsSilo(string principal) => Principal.RoleOf(principal) is not null;
}
