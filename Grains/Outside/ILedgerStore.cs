using System.Collections.Immutable;
using Maestro.Audit;

namespace Maestro.Outside;

/// <summary>The rows of the ledger and its outbox.</summary>
public interface ILedgerStore
{
    /// <summary>The last entry; null where the ledger is empty.</summary>
    Task<LedgerEntry?> ReadLastAsync(CancellationToken cancellation);

    /// <summary>Facts that wait for a place in the chain, oldest first.</summary>
    Task<ImmutableArray<LedgerFact>> ReadOutboxAsync(int count, CancellationToken cancellation);

    /// <summary>
    /// Appends these entries after <paramref name="before"/> (-1 for the first) and takes their facts out of the outbox, all in one transaction.
    /// </summary>
    /// <returns>False where somebody else appended first.</returns>
    Task<bool> AppendAsync(long before, ImmutableArray<LedgerEntry> entries, CancellationToken cancellation);

    /// <summary>The index of the entry with this fact key; null where it has none.</summary>
    Task<long?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>The indexes of those of these fact keys that have an entry.</summary>
    Task<ImmutableDictionary<string, long>> FindAsync(ImmutableArray<string> keys, CancellationToken cancellation);

    /// <summary>The entry with the last fact key between these two; null where there is none.</summary>
    Task<LedgerEntry?> FindLastAsync(string after, string before, CancellationToken cancellation);

    /// <summary>Entries from an index on, in order.</summary>
    Task<ImmutableArray<LedgerEntry>> ReadAsync(long from, int count, CancellationToken cancellation);

    /// <summary>Compares the deployments' log rows with what the ledger says of them; null where they agree, else the first difference.</summary>
    Task<string?> CompareLogAsync(CancellationToken cancellation);
}
