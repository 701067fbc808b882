using Maestro.Applications;
using Maestro.Cluster;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Outside.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Ends what nobody will ever ask for again: instances whose attempt is over and whose release is not live, and images that no environment
/// remembers. What is under way is left alone.
/// </summary>
internal sealed partial class Sweeper(
    IGrainFactory grains, IDeploymentLog log, ProcessRuntime runtime, ProcessWorkshop workshop, IDuties duties, TimeProvider time,
    ILogger<Sweeper> logger)
    : BackgroundService
{
    private const int Newest = 500;
    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var scope = CallerScope.As(Role.Deployment);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pace, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (!await duties.HoldsAsync("sweeping", stoppingToken))
                {
                    continue;
                }
                await SweepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // What cannot be swept now is swept in a minute.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        var underWay = (await log.ListAsync(null, Newest, cancellation)).Where(head => head.Due is not null).Select(head => $"{head.Deployment}/").ToList();
        var releases = await RememberedAsync();
        var serving = releases.Where(release => release.IsServing).Select(release => release.Release.Effect).ToHashSet();
        var ended = await runtime.SweepAsync(
            name => serving.Contains(name) || underWay.Any(open => name.StartsWith(open, StringComparison.Ordinal)), Grace, cancellation);
        foreach (var name in ended)
        {
            LogEnded(name);
        }
        // An attempt under way may have an image that no environment knows yet.
        if (underWay.Count == 0)
        {
            workshop.Sweep(releases.Select(release => release.Release.Image).ToHashSet());
        }
    }

    private async Task<List<(Release Release, bool IsServing)>> RememberedAsync()
    {
        var remembered = new List<(Release, bool)>();
        foreach (var application in (await grains.GetGrain<IApplicationsGrain>("applications/all").ListAsync()).Applications)
        {
            foreach (var name in new[] { EnvironmentSettings.StagingName, EnvironmentSettings.ProductionName })
            {
                var view = await grains.GetGrain<IEnvironmentGrain>(new EnvironmentKey(application.Name, name).ToString()).GetAsync();
                remembered.AddRange(new[] { view.Live, view.InFlight }.OfType<Release>().Select(release => (release, true)));
                // While somebody holds the lock, the release before is kept running for the way back.
                remembered.AddRange(view.Before.Select((release, place) => (release, place == 0 && view.LockHolder is not null)));
            }
        }
        return remembered;
    }

    [LoggerMessage(LogLevel.Information, "{Instance} belonged to nobody and was ended")]
    private partial void LogEnded(string instance);

    [LoggerMessage(LogLevel.Warning, "Sweeping failed and is tried again in a minute")]
    private partial void LogFailed(Exception failure);
}
