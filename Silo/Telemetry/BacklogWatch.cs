using Maestro.Cluster;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.Hosting;

namespace Maestro.Telemetry;

/// <summary>
/// Reads what waits, every ten seconds and on one control silo of the cluster; the others show nothing of it. How much room the disk has, every silo
/// says for itself when it is asked.
/// </summary>
internal sealed class BacklogWatch(IBacklog backlog, IDuties duties, SiloSettings settings, DataFolder data, TimeProvider time) : BackgroundService
{
    private const string Duty = "backlog";
    private const int LooksPerReading = 5;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Instruments.Begin();
        Instruments.DiskFree.Follow(() => [new(new DriveInfo(data.Path).AvailableFreeSpace)]);
        for (var look = 0; !stoppingToken.IsCancellationRequested; look++)
        {
            try
            {
                if (!settings.Roles.Contains(Role.Control) || !await duties.HoldsAsync(Duty, stoppingToken))
                {
                    (look, _) = (-1, Forget());
                }
                else if (look % LooksPerReading == 0)
                {
                    Show(await backlog.ReadAsync(stoppingToken));
                }
            }
            catch (OutsideException)
            {
                // What cannot be read is not shown as it once was; that the database does not answer is counted with the signs of life.
                (look, _) = (-1, Forget());
            }
            catch (OperationCanceledException)
            {
                break;
            }
            await Task.Delay(Pace, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Forget();
    }

    private void Show(Backlog read)
    {
        var now = time.GetUtcNow();
        Instruments.OldestDue.Set(Age(read.OldestDue, now));
        Instruments.LedgerLag.Set(Age(read.OldestFact, now));
        Instruments.OutboxLength.Set(read.Facts);
        Instruments.DeploymentsOpen.Set([.. read.Open.Select(open => new System.Diagnostics.Metrics.Measurement<double>(
            open.Count, new KeyValuePair<string, object?>("status", open.Status)))]);
    }

    private static double Age(DateTimeOffset? since, DateTimeOffset now) => since is { } then && now > then ? (now - then).TotalSeconds : 0;

    private static bool Forget()
    {
        Instruments.OldestDue.Clear();
        Instruments.LedgerLag.Clear();
        Instruments.OutboxLength.Clear();
        Instruments.DeploymentsOpen.Clear();
        return true;
    }
}
