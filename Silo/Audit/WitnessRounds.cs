using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.Logging;

namespace Maestro.Audit;

/// <summary>
/// Watches the ledger for each of this silo's roles. What does not follow from what the role has seen is told to everybody and never cosigned.
/// </summary>
internal sealed partial class WitnessRounds(
    Witness witness, Refusals refusals, SiloSettings settings, StandingRole standing, TimeProvider time, ILogger<WitnessRounds> logger)
    : Rounds(standing.Role, CheckpointRounds.Pace, time)
{
    private const string Ledger = "ledger/main";

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed("all roles", failure);

    protected override Task GoRoundAsync(CancellationToken cancellation) =>
        Task.WhenAll(settings.Roles.Intersect(CheckpointKeys.Witnesses).Select(LookAsync));

    private async Task LookAsync(Role role)
    {
        using var scope = CallerScope.As(role);
        try
        {
            if (await witness.FindFaultAsync(role) is { } fault)
            {
                LogForked(Principal.Name(role), fault.ToString());
                await refusals.NoteAsync(Principal.OfRole(role), Ledger, "ledger.disowned", fault);
            }
        }
#pragma warning disable CA1031 // One role that cannot look keeps no other from looking.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(Principal.Name(role), failure);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The ledger is not the one that {Role} has seen: {Fault}")]
    private partial void LogForked(string role, string fault);

    [LoggerMessage(LogLevel.Warning, "Watching the ledger as {Role} failed and is tried again in five seconds")]
    private partial void LogFailed(string role, Exception failure);
}
