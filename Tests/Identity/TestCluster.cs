using System.Collections.Concurrent;
using System.Net;
using Maestro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Identity;

/// <summary>A real silo on loopback ports with keys and people in a temporary folder, and real clients of it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly Folder _folder = new();
    private readonly ConcurrentStack<IHost> _hosts = new();
    private readonly (int Silo, int Gateway) _ports = (Ports.Free(), Ports.Free());

    private Action<ISiloBuilder>? _configure;

    private TestCluster() => Enrolment = new Enrolment(_folder.Keys, _folder.RosterPath);

    public Enrolment Enrolment { get; }

    public Folder Folder => _folder;

    public RememberedDenials Denials { get; } = new();

    public IServiceProvider Silo { get; private set; } = null!;

    /// <param name="admission">False leaves the admission filter out: the counter-test.</param>
    /// <param name="configure">What the silo has besides.</param>
    public static async Task<TestCluster> StartAsync(bool admission = true, Action<ISiloBuilder>? configure = null)
    {
        var cluster = new TestCluster { _configure = configure };
        new Registrar(cluster._folder.Keys, TimeProvider.System).Supply(Principal.SiloRoles);
        await cluster.EnrolAsync("anna", [Role.Viewer, Role.Sre]);
        await cluster.EnrolAsync("bob", [Role.Viewer]);
        cluster.Silo = await cluster.StartSiloAsync(cluster._ports, null, admission);
        return cluster;
    }

    /// <summary>What names arguments, as the silo has it.</summary>
    public CallArguments Arguments => _hosts.Last().Services.GetRequiredService<CallArguments>();

    /// <summary>Starts another silo of the same cluster.</summary>
    /// <param name="configure">What this one has besides.</param>
    public async Task JoinAsync(Action<ISiloBuilder>? configure = null)
    {
        _configure += configure;
        await StartSiloAsync((Ports.Free(), Ports.Free()), new IPEndPoint(IPAddress.Loopback, _ports.Silo), admission: true);
    }

    public async Task<Person> EnrolAsync(string name, params Role[] roles) =>
        await Enrolment.EnrolAsync(name, [$"{name}@example.com"], [.. roles], [], _folder.Personal, TestContext.Current.CancellationToken);

    /// <summary>A client that signs with this person's key; null signs nothing.</summary>
    public Task<IGrainFactory> ConnectAsync(string? person) => ConnectAsync(client =>
    {
        if (person is not null)
        {
            client.AddIdentity(_folder.KeyOf(person));
        }
    });

    /// <summary>A client that puts these values into its calls, as anybody can.</summary>
    public Task<IGrainFactory> ConnectAsync(Func<IOutgoingGrainCallContext, string> token) => ConnectAsync(client =>
        client.AddOutgoingGrainCallFilter(async call =>
        {
            RequestContext.Set(CallToken.ContextKey, token(call));
            await call.Invoke();
        }));

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }
        _folder.Dispose();
    }

    private IdentitySettings Settings => new(_folder.Keys, _folder.RosterPath, Principal.SiloRoles);

    private async Task<IServiceProvider> StartSiloAsync((int Silo, int Gateway) ports, IPEndPoint? primary, bool admission)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IDenials>(Denials);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, primary);
            silo.UseInMemoryReminderService().AddMemoryGrainStorage("PubSubStore").AddMemoryStreams("memory");
            silo.Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(1));
            silo.AddIdentity(Settings);
            _configure?.Invoke(silo);
            if (!admission)
            {
                silo.Services.Remove(silo.Services.Last(service => service.ServiceType == typeof(IIncomingGrainCallFilter)));
            }
        });
        return (await StartAsync(builder)).Services;
    }

    /// <summary>A client of one's own making.</summary>
    public async Task<IGrainFactory> ConnectAsync(Action<IClientBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseLocalhostClustering(_ports.Gateway);
            configure(client);
        });
        return (await StartAsync(builder)).Services.GetRequiredService<IClusterClient>();
    }

    private async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        _hosts.Push(host);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}

/// <summary>Denials kept for the test to look at.</summary>
internal sealed class RememberedDenials : IDenials
{
    public ConcurrentQueue<Denial> All { get; } = new();

    public void Note(Denial denial) => All.Enqueue(denial);
}
