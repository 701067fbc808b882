using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>Recomputes the ledger from its rows, and compares it with everything that was ever signed over it and with the deployments' logs.</summary>
public sealed class LedgerCheck(ILedgerStore store, ITileStore tiles, ICheckpointStore checkpoints, ICheckpointCopy copy, CheckpointKeys keys)
{
    public async Task<LedgerVerification> VerifyAsync(CancellationToken cancellation)
    {
        var walk = new LedgerWalk(store, tiles, checkpoints, keys);
        return walk.Found(await FindDifferenceAsync(walk, cancellation));
    }

    private async Task<string?> FindDifferenceAsync(LedgerWalk walk, CancellationToken cancellation)
    {
        try
        {
            // Before the rows: what is signed was there, so a row that is added meanwhile is no difference.
            var newest = await checkpoints.FindNewestAsync(cancellation);
            Checkpoint? signed = newest is null ? null : keys.ReadKept(newest), kept = copy.Find() is { } note ? keys.ReadKept(note) : null;
            return await walk.FindDifferenceAsync(kept, cancellation)
                ?? walk.FindMissing(signed) ?? walk.FindMissing(kept)
                ?? await store.CompareLogAsync(cancellation);
        }
        catch (RefusedException unsigned)
        {
            return unsigned.Message;
        }
    }
}
