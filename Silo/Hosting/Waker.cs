using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Wakes deployments that are due, at least every second, and drains the ledger's outbox.
/// </summary>
internal sealed partial class Waker(
    IGrainFactory grains, IDeploymentLog log, WakeSignal signal, TimeProvider time, ILogger<Waker> logger) : BackgroundService
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WakeWithin = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var scope = CallerScope.As(Role.Control);
        var begun = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                begun = begun || await BeginAsync(stoppingToken);
                await WakeDueAsync(stoppingToken);
                await grains.GetGrain<ILedgerGrain>("ledger/main").DrainAsync();
                await signal.WaitAsync(Pace, stoppingToken);
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

    private async Task<bool> BeginAsync(CancellationToken cancellation)
    {
        await grains.GetGrain<IGuardGrain>("guard/wakers").StandAsync();
        await log.WakeAllAsync(time.GetUtcNow(), cancellation);
        return true;
    }

    private async Task WakeDueAsync(CancellationToken cancellation)
    {
        var due = await log.ReadDueAsync(time.GetUtcNow(), AtOnce, cancellation);
        await Task.WhenAll(due.Select(WakeAsync));
    }

    private async Task WakeAsync(DeploymentId deployment)
    {
        try
        {
            await grains.GetGrain<IDeploymentGrain>(deployment.ToString()).WakeAsync().WaitAsync(WakeWithin, time);
        }
#pragma warning disable CA1031 // One deployment that fails must not keep the others asleep; it is due again in a second.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotWoken(failure, deployment.ToString());
        }
    }

    [LoggerMessage(LogLevel.Error, "The waker failed and looks again in a second")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(LogLevel.Warning, "{Deployment} was due and could not be woken")]
    private partial void LogNotWoken(Exception failure, string deployment);
}
