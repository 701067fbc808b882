using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>What <c>maestro help</c> shows: the verbs by what they are for. The help of one verb is the library's.</summary>
internal sealed class FrontPage(
    RootCommand root, IReadOnlyList<(string Heading, IReadOnlyList<Command> Commands)> groups, ConsoleSetting setting, HelpAction verbHelp)
    : SynchronousCommandLineAction
{
    private const int NameWidth = 12;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command != root)
        {
            verbHelp.MaxWidth = 98;
            return verbHelp.Invoke(parseResult);
        }
        setting.Terminal.Write(Lines());
        return 0;
    }

    public override bool ClearsParseErrors => true;

    private IEnumerable<Line> Lines()
    {
        yield return Line.Of(new Span("maestro", Tone.Strong), new Span(" - from pull request to production, with a person's approval."));
        yield return Line.Empty;
        yield return Line.Of("Usage: maestro VERB [arguments]      More about one: maestro help VERB");
        yield return Line.Of("Which of them needs which role: maestro help roles");
        foreach (var (heading, commands) in groups)
        {
            yield return Line.Empty;
            yield return Line.Of(heading, Tone.Faint);
            foreach (var command in commands.Where(command => !command.Hidden))
            {
                yield return Line.Of(new Span($"  {command.Name.PadRight(NameWidth)}", Tone.Strong), new Span(command.Description));
            }
        }
        yield return Line.Empty;
        yield return Line.Of("Everywhere", Tone.Faint);
        yield return Line.Of(
            new Span("  --data DIR  ", Tone.Strong), new Span("the silo's data folder: $MAESTRO_DATA, ./.maestro or ~/.local/share/maestro"));
        yield return Line.Of(new Span("  --no-color  ", Tone.Strong), new Span("without colours; -o json gives queries a form for scripts"));
    }
}
