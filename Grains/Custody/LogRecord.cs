using Maestro.Audit;
using Maestro.Deployments;

namespace Maestro.Custody;

/// <summary>An entry of a log as it was read.</summary>
public readonly record struct ReadEntry(int Number, Digest Digest);

/// <summary>
/// Compares a deployment's log with what the ledger was told of it when it was written. The log's rows are the database's word alone: whoever owns its
/// tables could take out that an attempt goes back.
/// </summary>
public class LogRecord(IGrainFactory grains)
{
    private const int Page = 256;

    /// <param name="log">All entries that were found, in order.</param>
    /// <returns>Why the log must not be believed; null where it may be.</returns>
    public virtual async Task<Reason?> FindFaultAsync(DeploymentId deployment, IReadOnlyList<ReadEntry> log)
    {
        var ledger = grains.GetGrain<ILedgerGrain>("ledger/main");
        // One more than was found: what was cut off at the end only the ledger knows.
        for (var from = 1; from <= log.Count + 1; from += Page)
        {
            var count = Math.Min(Page, log.Count + 2 - from);
            var told = await ledger.FindLogAsync(deployment.ToString(), from, count);
            for (var i = 0; i < count; i++)
            {
                ReadEntry? found = from + i <= log.Count ? log[from + i - 1] : null;
                if (FindFault(deployment, from + i, found, i < told.Length ? told[i] : null) is { } fault)
                {
                    return fault;
                }
            }
        }
        return null;
    }

    private static Reason? FindFault(DeploymentId deployment, int number, ReadEntry? found, string? told) => (found, told) switch
    {
        (null, null) => null,
        (null, _) => Because("log.gone", deployment, number, "none in the log"),
        ({ } entry, _) when entry.Number != number => Because("log.gone", deployment, number, $"entry {entry.Number} in its place"),
        (_, null) => Because("log.unknown", deployment, number, "one that the ledger was never told of"),
        ({ } entry, _) when entry.Digest.Hex != told => Because("log.changed", deployment, number, "another one"),
        _ => null,
    };

    private static Reason Because(string code, DeploymentId deployment, int number, string found) => new(
        code, "A deployment's log is what the ledger was told of it.", $"entry {number} of {deployment} as it was written", found,
        "See what was changed with maestro audit verify, and restore the database from a backup.");
}
