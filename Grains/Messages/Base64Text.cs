namespace Maestro.Messages;

/// <summary>Base64 without a second spelling: one alphabet per text, exact padding, no white space, no stray bits.</summary>
public static class Base64Text
{
    /// <summary>The bytes of standard (padded) or URL-safe (padded or not) base64; null where the text is anything else.</summary>
    public static byte[]? Decode(string text)
    {
        var urlSafe = text.AsSpan().IndexOfAny('-', '_') >= 0;
        var standard = text.Replace('-', '+').Replace('_', '/');
        if (urlSafe && text.AsSpan().IndexOfAny('+', '/') >= 0)
        {
            return null;
        }
        return Canonical(standard) ?? (text.EndsWith('=') || text.AsSpan().IndexOfAny('+', '/') >= 0 ? null : Canonical(Padded(standard)));
    }

    /// <summary>The bytes of standard, padded base64; null where the text is anything else.</summary>
    public static byte[]? DecodeStandard(string text) => Canonical(text);

    private static string Padded(string text) => (text.Length % 4) switch
    {
        2 => text + "==",
        3 => text + "=",
        _ => text,
    };

    private static byte[]? Canonical(string text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        return Convert.TryFromBase64String(text, bytes, out var length) && Convert.ToBase64String(bytes, 0, length) == text
            ? bytes[..length]
            : null;
    }
}
