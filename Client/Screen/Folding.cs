namespace Maestro.Screen;

/// <summary>Folds a text between its words; a word longer than a line, such as a path, is left whole.</summary>
internal static class Folding
{
    private const string Call = ": maestro ";

    /// <summary>A sentence that does not fit; the call at its end gets a line of its own, so that it can be copied.</summary>
    public static IEnumerable<string> OfSentence(string sentence, int width)
    {
        if (sentence.Length <= width)
        {
            return [sentence];
        }
        var call = sentence.LastIndexOf(Call, StringComparison.Ordinal);
        return call < 0 ? Of(sentence, width, width) : [.. Of(sentence[..(call + 1)], width, width), $"  {sentence[(call + 2)..]}"];
    }

    /// <param name="first">Columns that the first line has.</param>
    /// <param name="others">Columns that each other line has.</param>
    public static IEnumerable<string> Of(string text, int first, int others)
    {
        var width = first;
        var from = 0;
        while (text.Length - from > width)
        {
            var gap = text.LastIndexOf(' ', from + width, width + 1);
            var end = gap > from ? gap : text.IndexOf(' ', from + width);
            if (end < 0)
            {
                break;
            }
            yield return text[from..end];
            from = end + 1;
            width = others;
        }
        yield return text[from..];
    }
}
