using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro status</c>: one line, and an exit code for scripts.</summary>
internal static class StatusVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var id = SharedOptions.Id();
        var output = SharedOptions.Output();
        var command = new System.CommandLine.Command("status", "Say in one line how a deployment stands (exit code 0, 1, 2 or 3).") { id, output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var view = await DeploymentLookup.ViewAsync(silo, parsed.GetRequiredValue(id));
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of(
                    "status", new { view.Id, view.Attempt, view.Status, view.Outcome, view.Code, Glass = BrokenGlass.Of(view), Exit = ExitCodeOf(view) }));
            }
            else
            {
                var message = DeploymentTree.Message(view);
                var line = Line.Of(
                    Symbols.Of(view).Span, new Span(message.Length > 0 ? $" - {message}" : ""),
                    new Span(BrokenGlass.Of(view) is { } said ? $" - {said}" : "", Tone.Bad));
                terminal.Write(line with { Indent = 2 });
            }
            return ExitCodeOf(view);
        }, cancellation));
        return command;
    }

    public static int ExitCodeOf(DeploymentView view) => view.Outcome switch
    {
        null => ExitCode.UnderWay,
        Outcome.Finished or Outcome.FinishedNotMerged => ExitCode.Done,
        _ => ExitCode.Refused,
    };
}
