using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Maestro.Messages;

namespace Maestro.Audit;

/// <summary>Whose signature on a note counts: a C2SP verifier key, <c>name+id+base64(type || public key)</c>.</summary>
/// <param name="Name">Such as <c>maestro.example/ledger</c>: without spaces and plus signs.</param>
/// <param name="Kind">What it signs, see <see cref="NoteKeyKind"/>.</param>
/// <param name="PublicKey">32 bytes.</param>
public sealed record NoteKey(string Name, byte Kind, ImmutableArray<byte> PublicKey)
{
    private const int PublicKeySize = 32;

    /// <summary>The first four bytes of SHA-256 over name, line feed, type and key: tells keys apart, proves nothing.</summary>
    public uint Id
    {
        get
        {
            byte[] text = [.. Encoding.UTF8.GetBytes(Name), (byte)'\n', Kind, .. PublicKey];
            return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(text));
        }
    }

    /// <summary>The key in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name}+{Id:x8}+{Convert.ToBase64String([Kind, .. PublicKey])}");

    /// <summary>Reads a key; null where it is not one, or of a kind that is unknown here.</summary>
    public static NoteKey? Read(string text)
    {
        if (text.Split('+', 3) is not [var name, { Length: 8 } id, var key] || !IsName(name)
            || Base64Text.DecodeStandard(key) is not { Length: PublicKeySize + 1 } bytes || bytes[0] is not (NoteKeyKind.Ed25519 or NoteKeyKind.Cosignature))
        {
            return null;
        }
        var read = new NoteKey(name, bytes[0], [.. bytes[1..]]);
        return read.Id.ToString("x8", CultureInfo.InvariantCulture) == id ? read : null;
    }

    /// <summary>Whether a key may have this name.</summary>
    public static bool IsName(string name) => name.Length > 0 && !name.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter == '+');
}

/// <summary>What a key signs, as C2SP numbers it.</summary>
public static class NoteKeyKind
{
    /// <summary>Ed25519 over the note's text.</summary>
    public const byte Ed25519 = 1;

    /// <summary>Ed25519 over the time and the text of a checkpoint: a cosignature.</summary>
    public const byte Cosignature = 4;
}
