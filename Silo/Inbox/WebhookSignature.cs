using System.Buffers;
using System.Security.Cryptography;

namespace Maestro.Inbox;

/// <summary>Whether a signature fits these bytes and this secret.</summary>
/// <param name="given">The header as it came; null where it did not.</param>
internal delegate bool SignatureRule(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body, string? given);

/// <summary><c>sha256=</c> and the HMAC-SHA256 of the body in hexadecimal.</summary>
internal static class WebhookSignature
{
    public const string Header = "X-Maestro-Signature-256";
    private const string Prefix = "sha256=";

    /// <summary>Takes the same time wherever the signature differs.</summary>
    public static bool Fits(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body, string? given)
    {
        Span<byte> made = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> read = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, body, made);
        var isOne = given?.Length == Prefix.Length + (2 * read.Length) && given.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.FromHexString(given.AsSpan(Prefix.Length), read, out _, out _) == OperationStatus.Done;
        return CryptographicOperations.FixedTimeEquals(made, read) && isOne;
    }
}
