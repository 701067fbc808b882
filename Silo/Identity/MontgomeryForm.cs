using System.Numerics;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Maestro.Identity;

/// <summary>
/// The X25519 form of Ed25519 keys, so that two silos whose keys are registered can agree on a secret (RFC 7748, section 4.1: u = (1 + y) / (1 - y)).
/// </summary>
internal static class MontgomeryForm
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;

    /// <param name="seed">The Ed25519 private key, 32 bytes.</param>
    /// <exception cref="FormatException">That is no seed.</exception>
    public static Key PrivateKey(ReadOnlySpan<byte> seed)
    {
        Span<byte> expanded = stackalloc byte[SHA512.HashSizeInBytes];
        SHA512.HashData(seed, expanded);
        try
        {
            return Key.Import(KeyAgreementAlgorithm.X25519, expanded[..32], KeyBlobFormat.RawPrivateKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(expanded);
        }
    }

    /// <summary>Null for what is no point, or one that has no such form.</summary>
    public static PublicKey? PublicKey(ReadOnlySpan<byte> ed25519)
    {
        if (ed25519.Length != 32)
        {
            return null;
        }
        Span<byte> bytes = stackalloc byte[32];
        ed25519.CopyTo(bytes);
        bytes[31] &= 0x7f; // the sign of x, which u does not need
        var y = new BigInteger(bytes, isUnsigned: true);
        if (y >= Prime || y.IsOne)
        {
            return null;
        }
        var u = (BigInteger.One + y) * BigInteger.ModPow(Prime + BigInteger.One - y, Prime - 2, Prime) % Prime;
        bytes.Clear();
        return u.TryWriteBytes(bytes, out _, isUnsigned: true)
            && NSec.Cryptography.PublicKey.TryImport(KeyAgreementAlgorithm.X25519, bytes, KeyBlobFormat.RawPublicKey, out var key) ? key : null;
    }
}
