using Maestro.Applications;
using Maestro.Cluster;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Outside.Processes;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Ends what nobody will ever ask for again: instances whose attempt is over and whose release is not live, and images that no environment
/// remembers. What is under way is left alone.
/// </summary>
internal sealed partial class Sweeper(
    IGrainFactory grains, IDeploymentLog log, ProcessRuntime runtime, ProcessWorkshop workshop, IDuties duties, TimeProvider time,
    ILogger<Sweeper> logger)
    : Rounds(Role.Deployment, Pace, time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (await duties.HoldsAsync("sweeping", cancellation))
        {
            await SweepAsync(cancellation);
        }
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        var known = await ReadAsync(cancellation);
        // Ending one takes seconds in which a rollback may need the next, so what looks forgotten is looked up again.
        var ended = await runtime.SweepAsync(
            async name => known.Keeps(name) || (known = await ReadAsync(cancellation)).Keeps(name), Grace, cancellation);
        foreach (var name in ended)
        {
            LogEnded(name);
        }
        known = await ReadAsync(cancellation);
        // An attempt under way may have an image that no environment knows yet. One that begins from here on builds new ones, and those stay.
        if (known.Open.IsEmpty)
        {
            workshop.Sweep(known.Images);
        }
    }

    private async Task<Remembered> ReadAsync(CancellationToken cancellation)
    {
        var open = await Remembered.ReadOpenAsync(log, cancellation);
        var views = new List<EnvironmentView>();
        foreach (var application in (await grains.GetGrain<IApplicationsGrain>("applications/all").ListAsync()).Applications)
        {
            foreach (var name in new[] { EnvironmentSettings.StagingName, EnvironmentSettings.ProductionName })
            {
                views.Add(await grains.GetGrain<IEnvironmentGrain>(new EnvironmentKey(application.Name, name).ToString()).GetAsync());
            }
        }
        return new(open, [.. views]);
    }

    [LoggerMessage(LogLevel.Information, "{Instance} belonged to nobody and was ended")]
    private partial void LogEnded(string instance);

    [LoggerMessage(LogLevel.Warning, "Sweeping failed and is tried again in a minute")]
    private partial void LogFailed(Exception failure);
}
