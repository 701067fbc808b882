using System.Buffers.Text;
using System.Security.Cryptography;

namespace Maestro.Messages;

/// <summary>Values that are used once.</summary>
public static class Nonce
{
    /// <summary>128 random bits as 22 URL-safe characters.</summary>
    public static string Fresh() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether this can be a nonce: 16 to 64 URL-safe characters.</summary>
    public static bool IsOne(string? text) =>
        text is { Length: >= 16 and <= 64 } && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
