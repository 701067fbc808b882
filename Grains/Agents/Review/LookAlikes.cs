using System.Collections.Frozen;

namespace Maestro.Agents.Review;

/// <summary>Letters of other scripts that look like Latin ones.</summary>
internal static class LookAlikes
{
    private static readonly FrozenDictionary<char, char> Table = new (char Latin, string Others)[]
    {
        ('a', "аɑα"), ('b', "Ьƅ"), ('c', "сϲᴄ"), ('d', "ԁɗ"), ('e', "еҽ"), ('g', "ɡց"), ('h', "һհ"), ('i', "іɩιı"), ('j', "јϳ"), ('k',
            "κ"), ('l', "ӏ"),
        ('m', "ᴍ"), ('n', "ոռ"), ('o', "оοօᴏ"), ('p', "рρ"), ('q', "ԛզ"), ('r', "гᴦ"), ('s', "ѕꜱ"), ('u', "υսᴜ"), ('v', "ѵνᴠ"), ('w',
            "ԝᴡ"), ('x', "хχ"),
        ('y', "уүγʏ"), ('z', "ᴢ"), ('A', "АΑ"), ('B', "ВΒ"), ('C', "СϹ"), ('E', "ЕΕ"), ('F', "Ϝ"), ('G', "Ԍ"), ('H', "НΗ"), ('I', "ІΙӀ"),
            ('J', "Ј"), ('K', "КΚ"),
        ('M', "МΜ"), ('N', "Ν"), ('O', "ОΟՕ"), ('P', "РΡ"), ('Q', "Ԛ"), ('S', "ЅՏ"), ('T', "ТΤ"), ('U', "Ս"), ('V', "Ѵ"), ('W', "Ԝ"),
            ('X', "ХΧ"), ('Y', "ҮΥ"), ('Z', "Ζ"),
    }.SelectMany(row => row.Others, (row, other) => KeyValuePair.Create(other, row.Latin)).ToFrozenDictionary();

    /// <summary>All of them, and the full-width letters and digits.</summary>
    public static string Characters { get; } = string.Concat(Table.Keys) + string.Concat(Enumerable.Range(0xFF10, 0x4B).Select(code =>
        (char)code));

    public static string ToLatin(string text) => string.Concat(text.Select(ToLatin));

    public static char ToLatin(char character) => character is >= '\uFF01' and <= '\uFF5E' ? (char)(character - 0xFEE0)
        : Table.GetValueOrDefault(character, character);

    /// <summary>A letter of Cyrillic or Greek that looks like a Latin one.</summary>
    public static bool IsCyrillicOrGreek(char character) =>
        character is >= '\u0370' and <= '\u052F' && Table.ContainsKey(character);
}
