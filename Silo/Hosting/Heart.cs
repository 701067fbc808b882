using Maestro.Identity;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Says every two seconds that this silo lives, so that time in which nobody could ask anybody is known. Only a silo of the control role asks; the
/// others look when none did.
/// </summary>
internal sealed partial class Heart(IOutages outages, SiloSettings settings, TimeProvider time, ILogger<Heart> logger) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await (settings.Roles.Contains(Role.Control) ? outages.BeatAsync(stoppingToken) : outages.LookAsync(stoppingToken));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (OutsideException failure)
            {
                Instruments.BeatsMissed.Add(1);
                LogMissed(failure.Reason.Code);
            }
            await Task.Delay(Pace, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A sign of life could not be written: {Code}")]
    private partial void LogMissed(string code);
}
