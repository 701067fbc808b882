using Maestro.Audit;
using Maestro.Cluster;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Wakes deployments that are due, at least every second and sooner after a silo died, and drains the ledger's outbox. It waits for neither,
/// so none holds up another.
/// </summary>
internal sealed partial class Waker(
    IGrainFactory grains, IDeploymentLog log, WakeSignal signal, Presence presence, Deaths deaths, TimeProvider time, ILogger<Waker> logger) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PaceInHaste = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var scope = CallerScope.As(Role.Control);
        var wakes = new Wakes(
            deployment => grains.GetGrain<IDeploymentGrain>(deployment.ToString()).WakeAsync(),
            (deployment, failure, rest) => _ = PutOffAsync(deployment, failure, rest), signal.Set, () => deaths.Count, time);
        var (begun, drain) = (false, Task.CompletedTask);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                begun = begun || await BeginAsync(stoppingToken);
                var (place, of) = presence.Share(Role.Control);
                wakes.Begin(Mine(await log.ReadDueAsync(time.GetUtcNow(), wakes.Reach * Math.Max(1, of), stoppingToken), place, of));
                drain = drain.IsCompleted ? DrainAsync() : drain;
                await signal.WaitAsync(deaths.InHaste ? PaceInHaste : Pace, stoppingToken);
                // A crowd of appends is one reason to look, not many.
                await Task.Delay(Gap, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The waker is the last to give up: whatever went wrong, it looks again in a second.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure);
                await Task.Delay(Pace, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Each control silo wakes a share of the deployments. For the seconds in which they disagree, one is woken twice or the guard wakes it.
    private static IReadOnlyCollection<DeploymentId> Mine(IReadOnlyCollection<DeploymentId> due, int place, int of) =>
        of <= 1 ? due : [.. due.Where(deployment => StableHash(deployment) % (uint)of == (uint)Math.Max(0, place))];

    // The same in every process, unlike that of a string.
    private static uint StableHash(DeploymentId deployment) => deployment.ToString().Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u);

    private async Task<bool> BeginAsync(CancellationToken cancellation)
    {
        await grains.GetGrain<IGuardGrain>("guard/wakers").StandAsync();
        await log.WakeAllAsync(time.GetUtcNow(), cancellation);
        return true;
    }

    // Those that rest are not due meanwhile, or enough of them would hide all others from whoever reads what is due.
    private async Task PutOffAsync(DeploymentId deployment, Exception failure, TimeSpan rest)
    {
        LogNotWoken(failure, deployment.ToString());
        try
        {
            var now = time.GetUtcNow();
            if (await log.ReadHeadAsync(deployment, CancellationToken.None) is { Due: { } due } head && due <= now)
            {
                await log.SetDueAsync(deployment, head.Number, now + rest, CancellationToken.None);
            }
        }
#pragma warning disable CA1031 // Where even this cannot be written, it stays due and rests in memory only.
        catch (Exception unwritten)
#pragma warning restore CA1031
        {
            LogFailed(unwritten);
        }
    }

    private async Task DrainAsync()
    {
        try
        {
            await grains.GetGrain<ILedgerGrain>("ledger/main").DrainAsync();
        }
#pragma warning disable CA1031 // The outbox keeps what could not be chained; it is tried again in a second.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(LogLevel.Error, "The waker failed and looks again in a second")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(LogLevel.Warning, "{Deployment} was due and could not be woken; it is tried again later")]
    private partial void LogNotWoken(Exception failure, string deployment);
}
