using System.Collections.Immutable;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro why</c>: what a deployment waits for, who can move it, and when it moves by itself.</summary>
internal static class WhyVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var id = SharedOptions.Id();
        var output = SharedOptions.Output();
        var command = new System.CommandLine.Command("why", "Say what a deployment waits for, and who can move it.") { id, output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var view = await DeploymentLookup.ViewAsync(silo, parsed.GetRequiredValue(id));
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of(
                    "why", new { view.Id, view.Status, view.Outcome, view.Code, view.Waits, Glass = BrokenGlass.Of(view) }));
            }
            else
            {
                terminal.Write(Page(view, shared.Setting.Time.GetUtcNow()));
            }
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    public static IEnumerable<Line> Page(DeploymentView view, DateTimeOffset now)
    {
        yield return Line.Of(new Span(view.Id, Tone.Strong), new Span("  "), Symbols.Of(view).Span);
        foreach (var line in BrokenGlass.LineOf(view, 12))
        {
            yield return line;
        }
        var stopped = view.Stages.Where(stage => stage.Status is "refused" or "broke" or "undone").Select(stage => stage.Reason).OfType<Reason>();
        foreach (var line in stopped.SelectMany(reason => OfReason(reason)).Concat(view.Waits.SelectMany(wait => OfWait(wait, now))))
        {
            yield return line;
        }
        if (view.Waits.IsEmpty && view.ClosedAt is null)
        {
            yield return Line.Of("It waits for nothing and is at work.");
        }
    }

    private static ImmutableArray<Line> OfReason(Reason reason) =>
    [
        Line.Empty, Field("Stopped by", reason.Rule), Field("Expected", reason.Expected), Field("Found", reason.Found), Field("Way out", reason.WayOut),
    ];

    private static ImmutableArray<Line> OfWait(WaitView wait, DateTimeOffset now) =>
    [
        Line.Empty, Field("Waits for", wait.Owner), Field("Because", wait.For), Field("Moved by", wait.WayOut),
        Field("By itself", wait.MovesAt <= now ? "now" : $"in {Duration.Of(wait.MovesAt - now)}, at {wait.MovesAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"),
    ];

    private static Line Field(string label, string value) => Line.Field(label, 12, new Span(value));
}
