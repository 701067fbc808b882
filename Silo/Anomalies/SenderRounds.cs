using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.Logging;

namespace Maestro.Anomalies;

/// <summary>
/// Reports every second what came to each of this silo's roles, and every five seconds asks who is cut off where nothing came: another silo may
/// have seen what this one did not.
/// </summary>
internal sealed partial class SenderRounds(SenderWatch watch, StandingRole standing, TimeProvider time, ILogger<SenderRounds> logger)
    : Rounds(standing.Role, TimeSpan.FromSeconds(1), time)
{
    private const int AskEvery = 5;

    private int _round;

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed("all roles", failure);

    protected override Task GoRoundAsync(CancellationToken cancellation) =>
        Task.WhenAll((++_round % AskEvery == 0 ? watch.Receivers : watch.Unreported).Select(ReportAsync));

    private async Task ReportAsync(Role receiver)
    {
        using var scope = CallerScope.As(receiver);
        try
        {
            await watch.ReportAsync(receiver);
        }
#pragma warning disable CA1031 // One role that cannot report keeps no other from it, and what it counted is reported with the next round.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(Principal.Name(receiver), failure);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What came to {Role} could not be reported and is reported again")]
    private partial void LogFailed(string role, Exception failure);
}
