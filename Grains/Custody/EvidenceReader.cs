using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>
/// Reads an attempt from the log's own store. The head's snapshot is derived and left aside: what counts is the log, as the ledger was told of it.
/// </summary>
public sealed class EvidenceReader(IDeploymentLog log, StatementReader statements, LogRecord record)
{
    /// <summary>More entries than any attempt comes to; whoever writes more is not read to the end.</summary>
    private const int MostEntries = 20_000;

    private const int Tries = 3;

    /// <param name="stage">The stage whose statements are opened. Null opens none, and takes the log as it is.</param>
    /// <exception cref="RefusedException">The log has no such attempt, is not what was written, or what opened it is not to be believed.</exception>
    /// <exception cref="OutsideException">Log or evidence cannot be read.</exception>
    public async Task<AttemptEvidence> ReadAsync(DeploymentId deployment, int number, Stage? stage, CancellationToken cancellation)
    {
        var (attempt, entries) = await ReadAsync(deployment, number, cancellation);
        for (var one = 1; stage is not null && await record.FindFaultAsync(deployment, entries) is { } fault; one++)
        {
            // An entry that was added meanwhile looks like one that was taken away, until it is read too.
            (attempt, entries) = one < Tries ? await ReadAsync(deployment, number, cancellation) : throw new RefusedException(fault);
        }
        return attempt is null
            ? throw new RefusedException(new Reason(
                "custody.attempt", "Credentials are lent to an attempt of the log.", Assignment.HolderOf(deployment, number), "no such attempt",
                "Use: maestro retry."))
            : await statements.OpenAsync(attempt, deployment, stage, cancellation);
    }

    private async Task<(AttemptProgress? Attempt, List<ReadEntry> Log)> ReadAsync(DeploymentId deployment, int number, CancellationToken cancellation)
    {
        AttemptProgress? attempt = null;
        var (entries, read) = (0, new List<ReadEntry>());
        await foreach (var stored in Journal.ReadFromAsync(log, deployment, 1, cancellation))
        {
            read.Add(new(stored.Number, stored.Digest));
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
        return (attempt, read);
    }
}
