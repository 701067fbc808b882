using System.Collections.Immutable;

namespace Maestro.Audit;

/// <summary>Whose cosignatures count beside those of the cluster's own roles.</summary>
/// <param name="Keys">One for each outside witness.</param>
/// <param name="Required">How many of them must have just seen the ledger before production is touched.</param>
/// <param name="Verify">Whether a key made a signature over a text.</param>
public sealed record OutsideKeys(ImmutableArray<NoteKey> Keys, int Required, Func<NoteKey, byte[], byte[], bool> Verify)
{
    /// <summary>Nobody outside watches.</summary>
    public static OutsideKeys None { get; } = new([], 0, (_, _, _) => false);

    /// <summary>When this witness cosigned the checkpoint, by its own clock; null where it did not.</summary>
    public DateTimeOffset? TimeOf(NoteKey key, NoteSignature line, string checkpoint) =>
        line.Name == key.Name && line.KeyId == key.Id && Checkpoint.TryReadCosignature([.. line.Signature], out var seconds, out var signature)
        && seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() && Verify(key, Checkpoint.CosignedText(seconds, checkpoint), signature)
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
}
