using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Rows;

/// <summary>The ledger as those who keep rows ask and tell it: whoever waits for a row must not wait for a ledger that hangs.</summary>
internal sealed class RowLedger(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private ILedgerGrain Ledger => grains.GetGrain<ILedgerGrain>("ledger/main");

    /// <exception cref="OutsideException">The ledger does not answer.</exception>
    public Task<RowStanding?> FindAsync(RowName row) => InTimeAsync(Ledger.FindRowAsync(row.ToString()));

    public Task<bool> IsAcceptedAsync(RowName row, string digest) => InTimeAsync(Ledger.IsAcceptedAsync(row.ToString(), digest));

    /// <summary>Tells that the row took its number.</summary>
    /// <returns>What the ledger says of it from then on, which is another row's where one of the same number came first.</returns>
    public Task<RowStanding> TellAsync(RowName row, RowSeal seal) => InTimeAsync(Ledger.TellRowAsync(row.ToString(), seal.Number, seal.Mark));

    private async Task<T> InTimeAsync<T>(Task<T> answer)
    {
        try
        {
            return await answer.WaitAsync(Patience, time);
        }
        catch (TimeoutException slow)
        {
            throw new OutsideException(new Reason(
                "ledger.slow", "The ledger answers in time.", $"an answer within {Patience.TotalSeconds} seconds", "none", "Try again later."), slow);
        }
    }
}
