using System.Text;

namespace Maestro.Agents.Review.Instructions;

/// <summary>
/// Text as it is compared, never as it is shown: lower case, without marks on letters, without invisible characters, with full-width and
/// mathematical letters as plain ones. Normalisation of the platform does nothing in invariant mode, so it is done here.
/// </summary>
internal static class Folding
{
    private const string Marked = "àáâãäåāăąçćĉċčďđèéêëēĕėęěĝğġģĥìíîïĩīĭįıĵķĺļľłñńņňòóôõöøōŏőŕŗřśŝşšťţùúûüũūŭůűųŵýÿŷźżž";

    private const string Bare = "aaaaaaaaacccccddeeeeeeeeegggghiiiiiiiiijklllllnnnnnooooooooorrrsssstt" + "uuuuuuuuuuwyyyzzz";

    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Append(folded, rune);
        }
        return folded.ToString();
    }

    private static void Append(StringBuilder folded, Rune rune)
    {
        if (rune.Value is >= 0x1D400 and <= 0x1D6A3)
        {
            folded.Append((char)('a' + (rune.Value - 0x1D400) % 26));
        }
        else if (rune.Value is >= 0x1D7CE and <= 0x1D7FF)
        {
            folded.Append((char)('0' + (rune.Value - 0x1D7CE) % 10));
        }
        else if (rune.Value is >= 0x24B6 and <= 0x24E9)
        {
            folded.Append((char)('a' + (rune.Value - 0x24B6) % 26));
        }
        else if (rune.Value is >= 0xE0020 and <= 0xE007E)
        {
            folded.Append(char.ToLowerInvariant((char)(rune.Value - 0xE0000)));
        }
        else if (rune.Value == 'ß')
        {
            folded.Append("ss");
        }
        else if (!IsInvisible(rune.Value))
        {
            folded.Append(Plain(Rune.ToLowerInvariant(rune)));
        }
    }

    private static string Plain(Rune rune)
    {
        if (!rune.IsBmp)
        {
            return rune.ToString();
        }
        var character = (char)rune.Value;
        var at = Marked.IndexOf(character, StringComparison.Ordinal);
        return (at >= 0 ? Bare[at] : character is '’' or '‘' ? '\'' : character is >= '\uFF01' and <= '\uFF5E'
            ? LookAlikes.ToLatin(character) : character)
            .ToString();
    }

    private static bool IsInvisible(int code) =>
        code is 0xAD or >= 0x200B and <= 0x200F or >= 0x202A and <= 0x202E or >= 0x2060 and <= 0x206F
        or >= 0xFE00 and <= 0xFE0F or 0xFEFF or >= 0x0300 and <= 0x036F or >= 0xE0000 and <= 0xE01EF or 0x180E or 0x3164;
}
