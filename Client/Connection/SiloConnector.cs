using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Maestro.Cluster;
using Maestro.Commands;
using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Maestro.Connection;

/// <summary>Connects as an Orleans client to the silo that this machine runs for a data folder. Every call is signed by the person's key.</summary>
internal sealed class SiloConnector(TimeProvider time, Action<IClientBuilder, string> identify) : ISiloConnector
{
    // A closed port is noticed at once, so this is only how long a busy machine may take.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Speaks for the person who logged in on this machine.</summary>
    public SiloConnector(TimeProvider time) : this(time, ClientIdentity.Configure)
    {
    }

    public async Task<ISilo> ConnectAsync(string folder, CancellationToken cancellation)
    {
        var addresses = SiloFile.ReadAll(folder);
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        var reached = await ReachAsync(addresses, either.Token);
        var host = Client(folder, reached.IsEmpty ? throw NoSilo(folder) : reached);
        try
        {
            await host.StartAsync(either.Token).WaitAsync(either.Token);
            return new SiloConnection(host);
        }
        catch (Exception unreachable) when (IsUnreachable(unreachable) && !cancellation.IsCancellationRequested)
        {
            await DisposeAsync(host);
            throw NoSilo(folder);
        }
        catch (OperationCanceledException)
        {
            await DisposeAsync(host);
            throw;
        }
    }

    private IHost Client(string folder, ImmutableArray<SiloFile> addresses)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering([.. addresses.Select(address => new IPEndPoint(IPAddress.Loopback, address.GatewayPort))]);
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (addresses[0].ClusterId, addresses[0].ServiceId));
            client.AddActivityPropagation();
            client.Services.AddDriverExceptions();
            identify(client, folder);
            if (addresses[0].Secured)
            {
                Secure(client, folder);
            }
        });
        return builder.Build();
    }

    // A cluster's gateway wants to know who comes, and the console whether it is the gateway that the root vouches for.
    private static void Secure(IClientBuilder client, string folder)
    {
        if (client.Services.All(service => service.ServiceType != typeof(PersonKey)))
        {
            throw new SentenceException("A cluster answers people of its roster only, and nobody has logged in here. Log in with: maestro login NAME",
                ExitCode.Refused);
        }
        var place = KeysPlace.OfData(folder);
        client.SecureConnection(services => FileKeyring.Open(place.Keys, KeyRegistry.RootOf(place.Keys), [], NobodyKnown.Instance));
    }

    // The Orleans client retries a closed port for longer than a person waits, so the port is tried first.
    // Those of one cluster that answer now: a silo that is gone leaves its file behind.
    private static async Task<ImmutableArray<SiloFile>> ReachAsync(ImmutableArray<SiloFile> addresses, CancellationToken cancellation)
    {
        var answers = new List<SiloFile>();
        foreach (var address in addresses)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, address.GatewayPort, cancellation);
                answers.Add(address);
            }
            catch (SocketException)
            {
                // It does not answer; another one may.
            }
        }
        return [.. answers.Where(address => address.ClusterId == answers[0].ClusterId)];
    }

    private static bool IsUnreachable(Exception exception) =>
        exception is SocketException or OrleansException or OperationCanceledException or TimeoutException or IOException;

    private static async Task DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private static SentenceException NoSilo(string folder) =>
        new($"No silo answers for the data folder {folder}. Start one with: maestro up --data {folder}", ExitCode.NoSilo);

    private sealed class SiloConnection(IHost host) : ISilo
    {
        private readonly IGrainFactory _grains = host.Services.GetRequiredService<IGrainFactory>();

        public T Grain<T>(string key) where T : IGrainWithStringKey => _grains.GetGrain<T>(key);

        public async ValueTask DisposeAsync()
        {
            using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
            await host.StopAsync(patience.Token);
            await SiloConnector.DisposeAsync(host);
        }
    }
}
