using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.Logging;

namespace Maestro.Audit;

/// <summary>
/// Watches the ledger for one of this silo's roles. What does not follow from what the role has seen is told to everybody and never cosigned.
/// </summary>
internal sealed partial class WitnessRounds(Role role, Witness witness, Refusals refusals, TimeProvider time, ILogger<WitnessRounds> logger)
    : Rounds(role, CheckpointRounds.Pace, time)
{
    private const string Ledger = "ledger/main";

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed(Principal.Name(Role), failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (await witness.FindFaultAsync(Role) is { } fault)
        {
            LogForked(Principal.Name(Role), fault.ToString());
            await refusals.NoteAsync(Principal.OfRole(Role), Ledger, "ledger.disowned", fault);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The ledger is not the one that {Role} has seen: {Fault}")]
    private partial void LogForked(string role, string fault);

    [LoggerMessage(LogLevel.Warning, "Watching the ledger as {Role} failed and is tried again in five seconds")]
    private partial void LogFailed(string role, Exception failure);
}
