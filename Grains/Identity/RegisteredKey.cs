using System.Security.Cryptography;

namespace Maestro.Identity;

/// <summary>A role's public key and the time in which it signs. What a key signed in its time stays signed, unless the key is revoked.</summary>
/// <param name="PublicKey">32 bytes of Ed25519 in base64.</param>
/// <param name="Holder">The silo that has the private key; empty where all silos of one data folder share it.</param>
/// <param name="From">It signs from here on.</param>
/// <param name="Until">It signs until here; null while it has no successor.</param>
/// <param name="RevokedSince">Whatever it says it signed from here on is not believed; null where it is not revoked.</param>
public sealed record RegisteredKey(
    Role Role, string PublicKey, string Holder = "", DateTimeOffset From = default, DateTimeOffset? Until = null, DateTimeOffset? RevokedSince = null)
{
    /// <summary>How far the clocks of two machines may differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>What people call the key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes.</summary>
    public string Id => IdOf(PublicKey);

    /// <summary>The same of a public key in base64.</summary>
    public static string IdOf(string publicKey) => Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(publicKey)).AsSpan(0, 8));

    /// <summary>Whether this is a public key, in its only spelling: two spellings of one key must not be two keys.</summary>
    public static bool IsKey(string text) => Messages.Base64Text.DecodeStandard(text) is { Length: 32 };

    /// <summary>Whether this can be a key's id.</summary>
    public static bool IsId(string text) => text.Length == 16 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether something that the key signed then counts.</summary>
    public bool SignsAt(DateTimeOffset then) => From - then <= Skew && !(then > Until) && !(then >= RevokedSince);
}
