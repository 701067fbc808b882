using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>Reads an attempt from the log's own store. The head's snapshot is derived and left aside: what counts is the log.</summary>
public sealed class EvidenceReader(IDeploymentLog log, StatementReader statements)
{
    /// <summary>More entries than any attempt comes to; whoever writes more is not read to the end.</summary>
    private const int MostEntries = 20_000;

    /// <param name="stage">The stage whose statements are opened; null opens none.</param>
    /// <exception cref="RefusedException">The log has no such attempt, or what opened it is not to be believed.</exception>
    /// <exception cref="OutsideException">Log or evidence cannot be read.</exception>
    public async Task<AttemptEvidence> ReadAsync(DeploymentId deployment, int number, Stage? stage, CancellationToken cancellation)
    {
        AttemptProgress? attempt = null;
        var entries = 0;
        await foreach (var stored in Journal.ReadFromAsync(log, deployment, 1, cancellation))
        {
            if (stored.Entry.Attempt != number)
            {
                continue;
            }
            if (++entries > MostEntries)
            {
                throw new OutsideException(new Reason(
                    "custody.log", "An attempt's log is bounded.", $"at most {MostEntries} entries", "more", "Open the pull request anew."));
            }
            attempt = StatementReader.Fold(attempt, stored.Entry);
        }
        return attempt is null
            ? throw new RefusedException(new Reason(
                "custody.attempt", "Credentials are lent to an attempt of the log.", Assignment.HolderOf(deployment, number), "no such attempt",
                "Use: maestro retry."))
            : await statements.OpenAsync(attempt, deployment, stage, cancellation);
    }
}
