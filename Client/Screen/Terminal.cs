using Spectre.Console;

namespace Maestro.Screen;

/// <summary>Where a command reads and writes. Without a terminal there is no colour and no line is cut.</summary>
/// <param name="Width">The number of columns; <see cref="int.MaxValue"/> where nobody looks.</param>
/// <param name="Interactive">A person is there and can be asked.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool Colour, int Width, bool Interactive)
{
    /// <summary>The terminal of this process. Honours NO_COLOR, https://no-color.org.</summary>
    public static Terminal OfProcess()
    {
        var shown = !Console.IsOutputRedirected;
        var colour = shown && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new(Console.In, Console.Out, Console.Error, colour, shown ? Math.Max(40, WindowWidth()) : int.MaxValue, shown && !Console.IsInputRedirected);
    }

    public void Write(IEnumerable<Line> lines)
    {
        if (Colour)
        {
            WriteInColour(lines);
            return;
        }
        foreach (var line in lines.SelectMany(line => line.Fit(Width)))
        {
            Out.WriteLine(line.ToString());
        }
    }

    public void Write(params ReadOnlySpan<Line> lines) => Write(lines.ToArray().AsEnumerable());

    /// <summary>A sentence is folded between words, never cut.</summary>
    public void Say(string sentence) => WriteFolded(Out, sentence);

    /// <summary>What went wrong, in one sentence.</summary>
    public void Complain(string sentence) => WriteFolded(Error, sentence);

    /// <summary>The console that draws with colours, for pages that change in place.</summary>
    public IAnsiConsole Canvas()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = Interactive ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(Out),
        });
        console.Profile.Width = Math.Min(Width, 4096);
        return console;
    }

    /// <summary>The lines as one thing to draw. Texts are appended, never parsed, so markup in them is text.</summary>
    public Paragraph Draw(IEnumerable<Line> lines)
    {
        var paragraph = new Paragraph();
        foreach (var line in lines.SelectMany(line => line.Fit(Math.Min(Width, 4096))))
        {
            foreach (var span in line.Spans)
            {
                paragraph.Append(span.Text, StyleOf(span.Tone));
            }
            paragraph.Append("\n");
        }
        return paragraph;
    }

    private void WriteFolded(TextWriter to, string sentence)
    {
        foreach (var line in Folding.OfSentence(Shown.Text(sentence), Width))
        {
            to.WriteLine(line);
        }
    }

    private void WriteInColour(IEnumerable<Line> lines) => Canvas().Write(Draw(lines));

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Faint => new Style(decoration: Decoration.Dim),
        Tone.Good => new Style(Color.Green),
        Tone.Bad => new Style(Color.Red),
        Tone.Waiting => new Style(Color.Yellow),
        Tone.Running => new Style(Color.Blue),
        Tone.Undone => new Style(Color.Purple),
        _ => Style.Plain,
    };

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 100;
        }
    }
}
