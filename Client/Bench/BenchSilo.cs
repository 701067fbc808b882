using System.Diagnostics.CodeAnalysis;
using Maestro.Audit;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Maestro.Bench;

/// <summary>A silo in this process: everything a silo has, and the benchmarks' own grains besides, which no other silo hosts.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    private readonly DataFolder _data;
    private readonly IHost _host;

    private BenchSilo(DataFolder data, IHost host) => (_data, _host) = (data, host);

    public string Data => _data.Path;

    public IServiceProvider Services => _host.Services;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    [SuppressMessage("Reliability", "CA2000", Justification = "The silo disposes them.")]
    public static async Task<BenchSilo> StartAsync(
        string folder, string? database, Action<IServiceCollection> replace, WebhookSettings? webhooks)
    {
        var data = DataFolder.Open(folder);
        var settings = new SiloSettings(data.Path, Unsandboxed: true, Verbose: false, database, Webhooks: webhooks);
        var host = SiloHost.Build(data, settings, services =>
        {
            services.PostConfigure<GrainTypeOptions>(options => options.Classes.UnionWith([typeof(StepGrain), typeof(PlainGrain)]));
            services.AddPlainStorage();
            replace(services);
        });
        await host.StartAsync();
        return new(data, host);
    }

    /// <summary>A silo that keeps nothing going by itself, so that only what is measured runs.</summary>
    public static void Quiet(IServiceCollection services)
    {
        string?[] rounds = [typeof(SiloHost).Namespace, typeof(LedgerCheck).Namespace];
        var own = services.Where(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType is { } type && rounds.Contains(type.Namespace)).ToList();
        own.ForEach(service => services.Remove(service));
    }

    /// <summary>Calls grains as a role of this silo.</summary>
    public async Task AsAsync(Role role, Func<IGrainFactory, Task> act)
    {
        using var scope = CallerScope.As(role);
        await act(Grains);
    }

    /// <summary>Lets every grain go that nothing keeps active, as it happens by itself after minutes.</summary>
    public Task CollectAsync() =>
        AsAsync(Role.Control, grains => grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.FromMilliseconds(1)));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _data.Dispose();
    }
}
