using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Maestro.Messages;

namespace Maestro.Audit;

/// <summary>How much the ledger holds and the root over it, as C2SP tlog-checkpoint writes it: origin, size and root, a line each.</summary>
/// <param name="Origin">Which ledger it is; unique for ever.</param>
/// <param name="Size">How many entries it covers.</param>
/// <param name="Root">32 bytes.</param>
public sealed record Checkpoint(string Origin, ulong Size, ImmutableArray<byte> Root)
{
    private const int TimeSize = 8;

    /// <summary>The text that is signed.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String([.. Root])}\n");

    /// <summary>Reads the text of a note; null where it is no checkpoint. Further lines are extensions, which nothing here reads.</summary>
    public static Checkpoint? Read(string text) =>
        text.Split('\n') is [{ Length: > 0 } origin, var digits, var hash, .., ""]
        && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
        && size.ToString(CultureInfo.InvariantCulture) == digits
        && Base64Text.DecodeStandard(hash) is { Length: MerkleTree.HashSize } root
            ? new(origin, size, [.. root])
            : null;

    /// <summary>The checkpoint in a note; null where this key did not sign it, or where it is of another ledger than the key.</summary>
    public static Checkpoint? Read(SignedNote note, NoteKey key, Func<NoteKey, byte[], byte[], bool> verify) =>
        note.SignedBy([key], verify) is { IsEmpty: false } && Read(note.Text) is { } checkpoint && checkpoint.Origin == key.Name ? checkpoint : null;

    /// <summary>What a cosigner signs, by C2SP tlog-cosignature: that it has seen this checkpoint, consistent with all before, at this time.</summary>
    /// <param name="seconds">Since 1970.</param>
    public static byte[] CosignedText(ulong seconds, string text) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{text}"));

    /// <summary>A cosignature as it stands on a note: the time in seconds, 8 bytes, and the signature over <see cref="CosignedText"/>.</summary>
    public static ImmutableArray<byte> Cosignature(ulong seconds, byte[] signature)
    {
        var bytes = new byte[TimeSize + signature.Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, seconds);
        signature.CopyTo(bytes, TimeSize);
        return [.. bytes];
    }

    /// <summary>Takes a cosignature apart; false where it is too short to be one.</summary>
    public static bool TryReadCosignature(byte[] bytes, out ulong seconds, out byte[] signature)
    {
        (seconds, signature) = bytes.Length > TimeSize ? (BinaryPrimitives.ReadUInt64BigEndian(bytes), bytes[TimeSize..]) : (0, []);
        return signature.Length > 0;
    }
}
