using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>
/// Watches the ledger for a role: remembers the last checkpoint that it has seen, cosigns the next one where it follows from that, and refuses it
/// where it does not. By C2SP tlog-witness the memory is compared and set in one step.
/// </summary>
public sealed class Witness(IGrainFactory grains, CheckpointKeys keys, IWitnessMemory memory, TimeProvider time, OutsideWitnesses? outside = null)
{
    /// <summary>Looks at the newest checkpoint. Returns why it must not be believed; null where it was cosigned, or there is none yet.</summary>
    public async Task<Reason?> FindFaultAsync(Role role)
    {
        var checkpoints = grains.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key);
        while (true)
        {
            var seen = memory.Find(role);
            var last = seen is null ? null : keys.ReadKept(seen);
            if (await checkpoints.GrowthAsync((long)(last?.Size ?? 0)) is not { } growth)
            {
                return last is null ? null : CheckpointComparison.Gone(last);
            }
            var (next, fault) = Read(growth, last);
            if (next is null || fault is not null)
            {
                return fault;
            }
            var note = SignedNote.Of(growth.Note);
            if (next.Size != last?.Size && !await memory.ReplaceAsync(role, seen, note))
            {
                continue;
            }
            // What was remembered and not cosigned before its silo died is cosigned now.
            if (keys.CosignersOf(note)?.Contains(role) != true)
            {
                await checkpoints.CosignAsync((long)next.Size, keys.Cosign(role, next, time.GetUtcNow()).Signature);
            }
            return null;
        }
    }

    /// <summary>Has all that the ledger holds now signed, and looks at that. Returns why it must not be believed; null where it may be.</summary>
    /// <exception cref="OutsideException">Too few witnesses outside the cluster have just seen it.</exception>
    public async Task<Reason?> ConfirmAsync(Role role)
    {
        try
        {
            await grains.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key).SignAsync();
            return await FindFaultAsync(role)
                ?? (outside is null ? null : await outside.FindFaultAsync(grains.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key), CancellationToken.None));
        }
        catch (RefusedException disowned)
        {
            return disowned.Reason;
        }
    }

    private (Checkpoint? Next, Reason? Fault) Read(CheckpointGrowth growth, Checkpoint? last)
    {
        try
        {
            var next = keys.Read(SignedNote.Of(growth.Note));
            return (next, last?.FindFault(next, growth.Proof));
        }
        catch (RefusedException unsigned)
        {
            return (null, unsigned.Reason);
        }
    }
}
