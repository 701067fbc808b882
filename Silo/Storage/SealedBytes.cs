using System.Security.Cryptography;

namespace Maestro.Storage;

/// <summary>
/// Bytes under AES-256-GCM: a byte for the form (1), a random nonce of 12 bytes, the tag of 16, and the ciphertext.
/// The associated bytes are not stored; they tie the content to its place, so that it opens nowhere else.
/// </summary>
internal static class SealedBytes
{
    public const int KeyLength = 32;
    private const byte Form = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Overhead = 1 + NonceLength + TagLength;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> associated)
    {
        var result = new byte[Overhead + content.Length];
        result[0] = Form;
        var nonce = result.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, content, result.AsSpan(Overhead), result.AsSpan(1 + NonceLength, TagLength), associated);
        return result;
    }

    /// <exception cref="CryptographicException">The key, the place or the bytes are not the ones that were sealed.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedContent, ReadOnlySpan<byte> associated)
    {
        if (sealedContent.Length < Overhead || sealedContent[0] != Form)
        {
            throw new CryptographicException("The bytes are not in the form of sealed content.");
        }
        var content = new byte[sealedContent.Length - Overhead];
        using var aes = new AesGcm(key, TagLength);
        var (nonce, tag) = (1, 1 + NonceLength);
        aes.Decrypt(
            sealedContent.Slice(nonce, NonceLength), sealedContent[Overhead..], sealedContent.Slice(tag, TagLength), content, associated);
        return content;
    }
}
