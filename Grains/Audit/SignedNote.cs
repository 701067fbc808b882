using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Maestro.Messages;

namespace Maestro.Audit;

/// <summary>One signature line of a note.</summary>
/// <param name="KeyId">The first four bytes, which tell keys of one name apart.</param>
/// <param name="Signature">What follows them.</param>
public sealed record NoteSignature(string Name, uint KeyId, ImmutableArray<byte> Signature);

/// <summary>
/// A text with signatures, as C2SP signed-note has it: the text, an empty line, and lines of an em dash, a name and a signature in base64.
/// </summary>
/// <param name="Text">What is signed; ends with a line feed.</param>
public sealed record SignedNote(string Text, ImmutableArray<NoteSignature> Signatures)
{
    /// <summary>The most that is read, in characters.</summary>
    public const int SizeLimit = 64 * 1024;

    /// <summary>The most signatures that are read; the format asks for at least 16.</summary>
    public const int SignatureLimit = 64;

    private const string Dash = "\u2014 ";
    private const int KeyIdSize = 4;

    /// <summary>The note in its own form.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var (name, keyId, signature) in Signatures)
        {
            var bytes = new byte[KeyIdSize + signature.Length];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, keyId);
            signature.CopyTo(bytes, KeyIdSize);
            note.Append(Dash).Append(name).Append(' ').Append(Convert.ToBase64String(bytes)).Append('\n');
        }
        return note.ToString();
    }

    /// <summary>Takes a note apart; null where it is not one.</summary>
    public static SignedNote? Read(string note)
    {
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (note.Length > SizeLimit || split < 0 || !note.EndsWith('\n') || note.Any(letter => letter < ' ' && letter != '\n'))
        {
            return null;
        }
        var lines = note[(split + 2)..].Split('\n')[..^1];
        var signatures = lines.Length is 0 or > SignatureLimit ? [] : lines.Select(ReadLine).ToImmutableArray();
        return signatures.IsEmpty || signatures.Contains(null) ? null : new(note[..(split + 1)], signatures!);
    }

    /// <summary>The note; where the text is none, one that nobody signed, so that it is refused with its reason.</summary>
    public static SignedNote Of(string text) => Read(text) ?? new(text, []);

    /// <summary>
    /// Which of the keys signed it; null where a line names one of them and is not its signature. Lines of unknown keys mean nothing.
    /// </summary>
    public ImmutableArray<NoteKey>? SignedBy(IReadOnlyCollection<NoteKey> keys, Func<NoteKey, byte[], byte[], bool> verify)
    {
        var signed = ImmutableArray.CreateBuilder<NoteKey>();
        foreach (var line in Signatures)
        {
            if (keys.FirstOrDefault(key => key.Name == line.Name && key.Id == line.KeyId) is not { } known)
            {
                continue;
            }
            if (!verify(known, Encoding.UTF8.GetBytes(Text), [.. line.Signature]))
            {
                return null;
            }
            if (!signed.Contains(known))
            {
                signed.Add(known);
            }
        }
        return signed.ToImmutable();
    }

    private static NoteSignature? ReadLine(string line) =>
        line.StartsWith(Dash, StringComparison.Ordinal) && line[Dash.Length..].Split(' ') is [var name, var text] && NoteKey.IsName(name)
            && Base64Text.DecodeStandard(text) is { Length: > KeyIdSize } bytes
            ? new(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), [.. bytes[KeyIdSize..]])
            : null;
}
