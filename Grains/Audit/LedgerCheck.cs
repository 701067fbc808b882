using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>Recomputes the ledger from its rows, page by page.</summary>
public static class LedgerCheck
{
    private const int PageSize = 1000;

    public static async Task<LedgerVerification> VerifyAsync(ILedgerStore store, CancellationToken cancellation)
    {
        LedgerEntry? last = null;
        while (await store.ReadAsync((last?.Index ?? -1) + 1, PageSize, cancellation) is { IsEmpty: false } page)
        {
            if (LedgerChain.Check(page, last) is { } difference)
            {
                return new(false, (last?.Index ?? -1) + 1, last?.Hash, difference);
            }
            last = page[^1];
        }
        var compared = await store.CompareLogAsync(cancellation);
        return new(compared is null, (last?.Index ?? -1) + 1, last?.Hash, compared);
    }
}
