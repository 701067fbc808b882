using System.Buffers;
using System.Globalization;
using System.Text;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>
/// Characters that make text read differently from what it is: direction controls, invisible ones, escapes, hidden line ends.
/// </summary>
public sealed class HiddenCharacters : IDetector
{
    private const int FindingsPerFile = 20;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x5F).Select(code => (char)code), '\t']);

    public IEnumerable<Finding> InFile(ReadFile file) => file.Added
        .Where(line => line.Text.AsSpan().ContainsAnyExcept(Plain))
        .SelectMany(line => InLine(file, line)).AtMost(FindingsPerFile);

    private static IEnumerable<Finding> InLine(ReadFile file, SourceLine line)
    {
        var code = file.Language != Languages.Prose;
        var runes = line.Text.EnumerateRunes().ToArray();
        var said = new HashSet<string>();
        for (var i = 0; i < runes.Length; i++)
        {
            var before = i > 0 ? runes[i - 1] : default;
            var after = i + 1 < runes.Length ? runes[i + 1] : default;
            if (Judge(runes[i], before, after, code) is var (severity, rule, message) && said.Add(rule + severity))
            {
                yield return file.Find(rule, severity, line.Number, message);
            }
        }
        if (HidesCode(line.Text))
        {
            yield return file.Find("comment-desync", Severity.High, line.Number,
                "A character that some compilers take for the end of a line follows a comment, so what reads as a comment may be live"
                    + " code.");
        }
    }

    internal static (Severity Severity, string Rule, string Message)? Judge(Rune rune, Rune before, Rune after, bool code) =>
        rune.Value switch
        {
            >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069 =>
                (code ? Severity.High : Severity.Medium, "bidi-control",
                    "A direction control reorders what is shown, so the text is not what it looks like."),
            0x200E or 0x200F or 0x061C when code || !IsRightToLeft(before) && !IsRightToLeft(after) =>
                (Severity.Medium, "bidi-control", "An invisible direction mark is in the text."),
            >= 0xE0000 and <= 0xE007F when !IsFlag(before) =>
                (Severity.High, "hidden-text", "Tag characters, which are never shown, carry text that only a machine reads."),
            >= 0xE0100 and <= 0xE01EF when !IsIdeograph(before) =>
                (Severity.High, "hidden-text", "Variation selectors, which are never shown, carry bytes that only a machine reads."),
            >= 0xFE00 and <= 0xFE0F when IsSelector(before) =>
                (Severity.High, "hidden-text", "Variation selectors, which are never shown, carry bytes that only a machine reads."),
            >= 0xFE00 and <= 0xFE0F when Rune.IsLetter(before) && before.IsAscii =>
                (Severity.Medium, "hidden-text", "A variation selector follows a letter, where it has no meaning."),
            0x200C or 0x200D when Joins(before) && (Joins(after) || after == default || !after.IsAscii) => null,
            0x200B or 0x200C or 0x200D or (>= 0x2060 and <= 0x2065) or 0xFEFF or 0x180E or 0x3164 or 0x115F or 0x1160 or 0xFFA0 or 0x2800 =>
                (IsName(before) && IsName(after) && code ? Severity.High : Severity.Medium, "invisible-character",
                    "An invisible character is in the text; two names can look the same."),
            0x00AD => (code ? Severity.Medium : Severity.Low, "invisible-character",
                "A soft hyphen, which is not shown, is in the text."),
            >= 0xE000 and <= 0xF8FF or >= 0xF0000 and <= 0x10FFFD => (Severity.Medium, "private-character",
                "A private-use character is in the text; what it shows depends on the font."),
            0x1B or 0x08 or 0x7F or 0x9B => (Severity.High, "control-character",
                "A control character rewrites what a terminal shows of this line."),
            0x0D when after == default => null,
            0x0C when before == default => null,
            0x0B or 0x0C or 0x0D or 0x85 or 0x2028 or 0x2029 => (Severity.Medium, "hidden-line-break",
                "A character that some compilers take for the end of a line is in the text."),
            < 0x20 and not 0x09 or (>= 0x80 and <= 0x9F) => (Severity.Medium, "control-character", "A control character is in the text."),
            _ => null,
        };

    private static bool HidesCode(string text)
    {
        var end = text.AsSpan().IndexOfAny(Comments.HiddenBreaks);
        if (end >= 0)
        {
            var opens = text.AsSpan(0, end);
            return (opens.Contains("//", StringComparison.Ordinal) || opens.Contains('#')
                || opens.Contains("--", StringComparison.Ordinal))
                && text.AsSpan(end).TrimStart("\r\v\f\u0085\u2028\u2029 \t").Length > 0;
        }
        return false;
    }

    private static bool IsName(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value == '_';

    private static bool IsSelector(Rune rune) => rune.Value is >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF;

    private static bool IsFlag(Rune rune) => rune.Value is 0x1F3F4 or >= 0xE0061 and <= 0xE007A or >= 0xE0030 and <= 0xE0039;

    private static bool IsIdeograph(Rune rune) =>
        rune.Value is >= 0x3400 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF;

    private static bool IsRightToLeft(Rune rune) =>
        rune.Value is >= 0x0590 and <= 0x08FF or >= 0xFB1D and <= 0xFDFF or >= 0xFE70 and <= 0xFEFF;

    /// <summary>Joiners have a meaning after emoji and after letters of Arabic and of the scripts of India and its neighbours.</summary>
    private static bool Joins(Rune rune) => rune.Value is >= 0x0600 and <= 0x08FF or >= 0x0900 and <= 0x109F or >= 0x1780 and <= 0x17FF
        or >= 0x1F000 and <= 0x1FAFF or >= 0x2190 and <= 0x2BFF or 0xFE0F
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol;
}
