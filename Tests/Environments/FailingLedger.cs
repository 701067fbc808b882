using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Environments;

/// <summary>A ledger's store that takes nothing, or does not answer, while it is told to.</summary>
internal sealed class FailingLedger(ILedgerStore inner) : ILedgerStore
{
    public volatile bool Fails;
    public volatile Task Hangs = Task.CompletedTask;
    private int _failures;

    /// <summary>How often it took nothing.</summary>
    public int Failures => Volatile.Read(ref _failures);

    public Task<LedgerEntry?> ReadLastAsync(CancellationToken cancellation) => inner.ReadLastAsync(cancellation);

    public Task<ImmutableArray<LedgerFact>> ReadOutboxAsync(int count, CancellationToken cancellation) => inner.ReadOutboxAsync(count, cancellation);

    public async Task<bool> AppendAsync(long before, ImmutableArray<LedgerEntry> entries, CancellationToken cancellation)
    {
        await Hangs;
        if (Fails)
        {
            Interlocked.Increment(ref _failures);
            throw new OutsideException(new Reason("ledger.gone", "The ledger can be written.", "a ledger", "none", "Wait."));
        }
        return await inner.AppendAsync(before, entries, cancellation);
    }

    public Task<long?> FindAsync(string key, CancellationToken cancellation) => inner.FindAsync(key, cancellation);

    public Task<ImmutableDictionary<string, long>> FindAsync(ImmutableArray<string> keys, CancellationToken cancellation) =>
        inner.FindAsync(keys, cancellation);

    public Task<LedgerEntry?> FindLastAsync(string after, string before, CancellationToken cancellation) => inner.FindLastAsync(after, before, cancellation);

    public Task<ImmutableArray<LedgerEntry>> ReadAsync(long from, int count, CancellationToken cancellation) => inner.ReadAsync(from, count, cancellation);

    public Task<string?> CompareLogAsync(CancellationToken cancellation) => inner.CompareLogAsync(cancellation);
}
