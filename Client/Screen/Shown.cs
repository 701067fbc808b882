using System.Globalization;
using System.Text;

namespace Maestro.Screen;

/// <summary>Makes any text fit for a terminal: titles and messages come from pull requests, and a terminal obeys control characters.</summary>
internal static class Shown
{
    /// <summary>One line without control, format or private characters; each of them is shown as the replacement character.</summary>
    public static string Text(string? text)
    {
        var shown = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            shown.Append(IsPlain(rune) ? rune.ToString() : "\uFFFD");
        }
        return shown.ToString();
    }

    /// <summary>At most <paramref name="width"/> characters; a cut text ends with an ellipsis.</summary>
    public static string Cut(string text, int width) =>
        text.Length <= width ? text
        : width <= 1 ? ""
        // A pair of surrogates is never cut in two.
        : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[width - 2]) ? width - 2 : width - 1), "…");

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
