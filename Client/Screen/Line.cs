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
    public static Line Empty { get; } = new([]);

    public int Width => Spans.Sum(span => span.Text.Length);

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

    public override string ToString() => string.Concat(Spans.Select(span => span.Text)).TrimEnd();
}
