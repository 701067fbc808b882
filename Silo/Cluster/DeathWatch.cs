using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Cluster;

/// <summary>
/// When a silo is declared dead, everything that is open is looked at at once: what was said to it, or by it, may be lost.
/// </summary>
internal sealed partial class DeathWatch(
    ISiloStatusOracle silos, IDeploymentLog log, WakeSignal signal, Deaths deaths, TimeProvider time, ILogger<DeathWatch> logger)
    : IHostedService, ISiloStatusListener, IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stopping = new();
    private Task _waking = Task.CompletedTask;
    private int _wanted;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        silos.UnSubscribeFromSiloStatusEvents(this);
        await _stopping.CancelAsync();
        await _waking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        deaths.Note(updatedSilo, status);
        if (status == SiloStatus.Dead)
        {
            LogDead(updatedSilo.ToParsableString());
            // A silo that joins hears of all that ever died; one look is enough for those that were not looked after yet.
            if (Interlocked.Exchange(ref _wanted, 1) == 1)
            {
                return;
            }
            _waking = _waking.ContinueWith(_ => WakeAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        }
    }

    private async Task WakeAsync()
    {
        Volatile.Write(ref _wanted, 0);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await log.WakeAllAsync(time.GetUtcNow(), _stopping.Token);
                signal.Set();
                return;
            }
            catch (OutsideException failure)
            {
                LogFailed(failure.Reason.Code);
                await Task.Delay(Pace, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} is dead; everything that is open is looked at again")]
    private partial void LogDead(string silo);

    [LoggerMessage(LogLevel.Warning, "What is open could not be woken and is tried again: {Code}")]
    private partial void LogFailed(string code);
}
