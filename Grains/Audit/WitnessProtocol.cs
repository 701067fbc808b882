using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Maestro.Audit;

/// <summary>The texts of C2SP tlog-witness: what is put to <c>add-checkpoint</c>, and what comes back.</summary>
public static class WitnessProtocol
{
    /// <summary>The type of the body in which a witness says what it has seen.</summary>
    public const string SizeType = "text/x.tlog.size";

    /// <summary>The most hashes of a proof.</summary>
    public const int MostHashes = 63;

    /// <exception cref="ArgumentException">There are too many hashes for any ledger.</exception>
    public static string Request(ulong old, ImmutableArray<byte[]> proof, SignedNote checkpoint)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(proof.Length, MostHashes);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {old}\n");
        foreach (var hash in proof)
        {
            text.Append(Convert.ToBase64String(hash)).Append('\n');
        }
        return text.Append('\n').Append(checkpoint).ToString();
    }

    /// <summary>The signature lines of an answer to this checkpoint; null where they are none.</summary>
    public static ImmutableArray<NoteSignature>? ReadLines(SignedNote checkpoint, string body) => SignedNote.Read($"{checkpoint.Text}\n{body}")?.Signatures;

    /// <summary>The size in a conflict's body; null where it is none.</summary>
    public static ulong? ReadSize(string body) =>
        body.EndsWith('\n') && ulong.TryParse(body.AsSpan(0, body.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;
}
