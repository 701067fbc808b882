using System.Collections.Immutable;

namespace Maestro.Screen;

/// <summary>What a piece of text means; the terminal decides how that looks.</summary>
internal enum Tone
{
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Waiting,
    Running,
    Undone,
}

/// <summary>A piece of a line. Its text is made fit for a terminal here, so no page can forget it.</summary>
internal sealed record Span
{
    public Span(string? text, Tone tone = Tone.Plain) => (Text, Tone) = (Shown.Text(text), tone);

    public string Text { get; private init; }

    public Tone Tone { get; }

    public Span Cut(int width) => this with { Text = Shown.Cut(Text, width) };
}

/// <summary>One line of a page.</summary>
internal sealed record Line(ImmutableArray<Span> Spans)
{
    private const int LeastFolded = 20;

    public static Line Empty { get; } = new([]);

    public int Width => Spans.Sum(span => span.Text.Length);

    /// <summary>Where set, a line too long goes on below, indented by this many columns, instead of being cut.</summary>
    public int? Indent { get; init; }

    /// <summary>A label and what it says, whole: what does not fit goes on below.</summary>
    public static Line Field(string label, int width, Span value) =>
        new([new Span($"{label}:".PadRight(width), Tone.Faint), value]) { Indent = width };

    public static Line Of(string? text, Tone tone = Tone.Plain) => new([new Span(text, tone)]);

    public static Line Of(params ReadOnlySpan<Span> spans) => new([.. spans]);

    /// <summary>The line cut to this many characters, without white space at its end.</summary>
    public Line Cut(int width)
    {
        var kept = ImmutableArray.CreateBuilder<Span>();
        foreach (var span in Spans)
        {
            var cut = span.Cut(width);
            width -= cut.Text.Length;
            kept.Add(cut);
        }
        return new(kept.ToImmutable());
    }

    /// <summary>The line as it is shown in this many columns: cut, or folded where it has an indent.</summary>
    public IEnumerable<Line> Fit(int width)
    {
        if (Indent is not { } indent || Width <= width || Spans.IsEmpty || width < indent + LeastFolded)
        {
            return [Cut(Indent is null ? width : int.MaxValue)];
        }
        var last = Spans[^1];
        var pieces = Folding.Of(last.Text, width - Spans[..^1].Sum(span => span.Text.Length), width - indent);
        return pieces.Select((piece, index) =>
            new Line([.. index == 0 ? Spans[..^1] : [new Span(new string(' ', indent))], new Span(piece, last.Tone)]).Cut(width));
    }

    public override string ToString() => string.Concat(Spans.Select(span => span.Text)).TrimEnd();
}
