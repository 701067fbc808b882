using System.Collections.Immutable;

namespace Maestro.Screen;

/// <summary>Lays rows out in aligned columns, two spaces apart; the last column takes what is left of the width.</summary>
internal static class Columns
{
    public static ImmutableArray<Line> Of(ImmutableArray<string> headings, IEnumerable<ImmutableArray<Span>> rows)
    {
        ImmutableArray<ImmutableArray<Span>> all = [[.. headings.Select(heading => new Span(heading, Tone.Faint))], .. rows];
        var widths = Enumerable.Range(0, headings.Length).Select(column => all.Max(row => row[column].Text.Length)).ToArray();
        return [.. all.Select(row => Row(row, widths))];
    }

    private static Line Row(ImmutableArray<Span> row, int[] widths)
    {
        var spans = ImmutableArray.CreateBuilder<Span>();
        for (var column = 0; column < row.Length; column++)
        {
            spans.Add(row[column]);
            if (column < row.Length - 1)
            {
                spans.Add(new(new string(' ', widths[column] - row[column].Text.Length + 2)));
            }
        }
        return new(spans.ToImmutable());
    }
}
