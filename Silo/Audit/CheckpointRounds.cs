using Maestro.Cluster;
using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.Logging;

namespace Maestro.Audit;

/// <summary>Has a checkpoint signed every five seconds, where anything was added to the ledger.</summary>
internal sealed partial class CheckpointRounds(IGrainFactory grains, IDuties duties, TimeProvider time, ILogger<CheckpointRounds> logger)
    : Rounds(Role.Control, Pace, time)
{
    /// <summary>How long an entry is at most without a signature over it.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (await duties.HoldsAsync("checkpoints", cancellation))
        {
            await grains.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key).SignAsync();
        }
    }

    [LoggerMessage(LogLevel.Error, "No checkpoint of the ledger was signed; it is tried again in five seconds")]
    private partial void LogFailed(Exception failure);
}
