using System.Collections.Immutable;
using Maestro.Audit;

namespace Maestro.Outside;

/// <summary>Signed checkpoints of the ledger, in the ledger's database. They are only added.</summary>
public interface ICheckpointStore
{
    /// <summary>The one over the most entries; null where there is none.</summary>
    Task<SignedNote?> FindNewestAsync(CancellationToken cancellation);

    /// <summary>The smallest one that covers more than <paramref name="entries"/> entries; null where there is none.</summary>
    Task<SignedNote?> FindBeyondAsync(ulong entries, CancellationToken cancellation);

    /// <summary>Those that cover more than <paramref name="entries"/> entries, the smallest first, without their cosignatures.</summary>
    Task<ImmutableArray<SignedNote>> ReadAsync(ulong entries, int count, CancellationToken cancellation);

    /// <summary>Keeps a checkpoint. False where there is one of this size already.</summary>
    Task<bool> AddAsync(Checkpoint checkpoint, SignedNote note, DateTimeOffset at, CancellationToken cancellation);

    /// <summary>Keeps a cosignature of the checkpoint of this size. False where this witness has cosigned it already, or there is none.</summary>
    Task<bool> AddAsync(ulong size, NoteSignature cosignature, CancellationToken cancellation);
}

/// <summary>The newest checkpoint in a place outside the ledger's database, where whoever can change the one cannot change the other.</summary>
public interface ICheckpointCopy
{
    /// <summary>The copy; null where there is none.</summary>
    /// <exception cref="OutsideException">It is there and cannot be read.</exception>
    SignedNote? Find();

    /// <summary>Puts a newer one in its place, durably.</summary>
    /// <exception cref="OutsideException">It cannot be written.</exception>
    void Keep(SignedNote note);
}

/// <summary>What each role's silos have seen of the ledger.</summary>
public interface IWitnessMemory
{
    /// <summary>The last checkpoint that was cosigned; null where there is none.</summary>
    /// <exception cref="OutsideException">It is there and cannot be read.</exception>
    SignedNote? Find(Identity.Role role);

    /// <summary>Puts a checkpoint in the place of the one that it was compared with, durably. False where another one is there by now.</summary>
    /// <exception cref="OutsideException">It cannot be written.</exception>
    Task<bool> ReplaceAsync(Identity.Role role, SignedNote? compared, SignedNote newer);
}
