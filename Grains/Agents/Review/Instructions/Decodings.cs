using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Maestro.Agents.Review.Instructions;

/// <summary>
/// The texts that a line may hide: base64, hexadecimal, percent and character escapes, entities, ROT13, backwards, tag characters.
/// </summary>
internal static class Decodings
{
    private const int Depth = 2;

    private static readonly Regex Base64 = Linear.Exact("""[A-Za-z0-9+/_-]{20,}={0,2}""");

    private static readonly Regex Hexadecimal = Linear.Exact("""([0-9a-fA-F]{2}){16,}""");

    private static readonly Regex Digest = Linear.Exact("""[A-Za-z0-9+/=]{40,}""");

    private static readonly Regex Escapes = Linear.Exact("""\\u\{?[0-9a-fA-F]{4,6}\}?|\\x[0-9a-fA-F]{2}""");

    private static readonly SearchValues<string> Backwards = SearchValues.Create(
        ["erongi", "snoitcurtsni", "tpmorp", "evorppa", "tegrof", "dragersid"], StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<string> Rotated = SearchValues.Create(
        ["vtaber", "vafgehpgvba", "cebzcg", "nccebir", "sbetrg", "qvfertneq"], StringComparison.OrdinalIgnoreCase);

    /// <summary>The line without digests and keys, whose letters make words by chance.</summary>
    public static string WithoutDigests(string line) => line.Length < 40 ? line
        : Digest.Replace(line, match => match.Value.Count(char.IsAsciiDigit) >= 4 ? " " : match.Value);

    /// <param name="budget">Characters that may still be decoded; it is taken from.</param>
    public static IEnumerable<string> Of(string line, Allowance budget, int depth = Depth)
    {
        if (depth == 0)
        {
            yield break;
        }
        foreach (var hidden in Once(line).Where(text => text.Length >= 12))
        {
            if (!budget.Take(hidden.Length))
            {
                yield break;
            }
            yield return hidden;
            foreach (var deeper in Of(hidden, budget, depth - 1))
            {
                yield return deeper;
            }
        }
    }

    private static IEnumerable<string> Once(string line)
    {
        if (line.AsSpan().ContainsAny(Backwards))
        {
            yield return string.Concat(line.Reverse());
        }
        if (line.AsSpan().ContainsAny(Rotated))
        {
            yield return string.Concat(line.Select(Rotate));
        }
        if (line.Contains("&#", StringComparison.Ordinal))
        {
            yield return WebUtility.HtmlDecode(line);
        }
        if (line.Count(character => character == '%') >= 4)
        {
            yield return Uri.UnescapeDataString(line);
        }
        if (line.Contains('\\', StringComparison.Ordinal) && Escapes.IsMatch(line))
        {
            yield return Escapes.Replace(line, match => Unescape(match.Value));
        }
        foreach (Match match in Base64.Matches(line))
        {
            if (Hexadecimal.Match(match.Value) is { Success: true } digits
                && Readable(Convert.FromHexString(digits.Value)) is { } hexadecimal)
            {
                yield return hexadecimal;
            }
            else if (Readable(FromBase64(match.Value)) is { } text)
            {
                yield return text;
            }
        }
    }

    private static char Rotate(char character) => character switch
    {
        >= 'a' and <= 'z' => (char)('a' + (character - 'a' + 13) % 26),
        >= 'A' and <= 'Z' => (char)('A' + (character - 'A' + 13) % 26),
        _ => character,
    };

    private static string Unescape(string escape)
    {
        var digits = escape.TrimStart('\\', 'u', 'x', '{').TrimEnd('}');
        return int.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code)
            ? new Rune(code).ToString() : escape;
    }

    private static byte[] FromBase64(string text)
    {
        var plain = text.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        plain = plain[..(plain.Length - (plain.Length % 4 == 1 ? 1 : 0))];
        plain = plain.PadRight((plain.Length + 3) / 4 * 4, '=');
        var bytes = new byte[plain.Length];
        return Convert.TryFromBase64String(plain, bytes, out var written) ? bytes[..written] : [];
    }

    /// <summary>The bytes as text, where they are text.</summary>
    private static string? Readable(byte[] bytes)
    {
        if (bytes.Length < 12)
        {
            return null;
        }
        var text = Encoding.UTF8.GetString(bytes);
        var plain = text.Count(character => char.IsLetterOrDigit(character) && character < 0x2000 || char.IsWhiteSpace(character)
            || char.IsPunctuation(character));
        return plain >= text.Length * 0.9 && text.Contains(' ', StringComparison.Ordinal) || plain == text.Length ? text : null;
    }
}
