using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Maestro.Messages;

namespace Maestro.Audit;

/// <summary>That one entry is in the ledger, to be checked without the ledger: a C2SP tlog-proof, with a checkpoint inside.</summary>
/// <param name="Index">The entry's place, from zero.</param>
/// <param name="Hashes">The inclusion proof, from the leaf upward.</param>
/// <param name="Checkpoint">The signed note with the tree's size and root.</param>
/// <param name="Extra">What else is carried along; in Maestro's proofs the leaf itself. Nothing proves it but its hash.</param>
public sealed record TlogProof(ulong Index, ImmutableArray<byte[]> Hashes, SignedNote Checkpoint, ImmutableArray<byte> Extra)
{
    private const string Form = "c2sp.org/tlog-proof@v1";
    private const string ExtraWord = "extra ";

    // A tree of 64-bit size is no higher.
    private const int HashLimit = 64;

    /// <summary>The proof in its own form.</summary>
    public override string ToString()
    {
        var proof = new StringBuilder(Form).Append('\n');
        if (!Extra.IsEmpty)
        {
            proof.Append(ExtraWord).Append(Convert.ToBase64String([.. Extra])).Append('\n');
        }
        proof.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Hashes)
        {
            proof.Append(Convert.ToBase64String(hash)).Append('\n');
        }
        return proof.Append('\n').Append(Checkpoint).ToString();
    }

    /// <summary>Takes a proof apart; null where it is not one.</summary>
    public static TlogProof? Read(string text)
    {
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || text.Length > SignedNote.SizeLimit || SignedNote.Read(text[(split + 2)..]) is not { } checkpoint)
        {
            return null;
        }
        if (text[..split].Split('\n') is not [Form, .. var rest] || ReadExtra(ref rest) is not { } extra
            || rest is not [var index, .. var lines] || lines.Length > HashLimit || ReadIndex(index) is not { } place)
        {
            return null;
        }
        var hashes = lines.Select(Base64Text.DecodeStandard).ToImmutableArray();
        return hashes.All(hash => hash is { Length: MerkleTree.HashSize }) ? new(place, hashes!, checkpoint, [.. extra]) : null;
    }

    /// <summary>Whether the checkpoint inside covers the entry with this leaf hash in this place. Its signatures are looked at elsewhere.</summary>
    public bool Covers(byte[] leafHash) =>
        Audit.Checkpoint.Read(Checkpoint.Text) is { } checkpoint
        && MerkleProof.Includes(Index, checkpoint.Size, leafHash, Hashes, [.. checkpoint.Root]);

    private static byte[]? ReadExtra(ref string[] lines)
    {
        if (lines is not [var line, ..] || !line.StartsWith(ExtraWord, StringComparison.Ordinal))
        {
            return [];
        }
        lines = lines[1..];
        return Base64Text.DecodeStandard(line[ExtraWord.Length..]);
    }

    private static ulong? ReadIndex(string line) =>
        line.Split(' ') is ["index", var digits] && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && index.ToString(CultureInfo.InvariantCulture) == digits ? index : null;
}
