using System.CommandLine;
using System.Globalization;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro list</c>: the newest deployments first.</summary>
internal static class ListVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var application = new Option<string?>("--app") { Description = "Only this application's.", HelpName = "NAME" };
        var limit = SharedOptions.Number("--limit", "How many.", 1, DeploymentLookup.MaximumListed, 20);
        var output = SharedOptions.Output();
        var command = new System.CommandLine.Command("list", "List deployments, the newest first.") { application, limit, output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var found = await silo.Grain<ICatalogueGrain>(DeploymentLookup.CatalogueKey).ListAsync(parsed.GetValue(application), parsed.GetValue(limit));
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("deployments", found));
            }
            else if (found.Count == 0)
            {
                terminal.Say("There is no deployment yet. Open one with: maestro open --repo PATH --head BRANCH");
            }
            else
            {
                terminal.Write(Page(found, shared.Setting.Time.GetUtcNow()));
            }
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    public static IEnumerable<Line> Page(IEnumerable<DeploymentSummary> deployments, DateTimeOffset now) =>
        Columns.Of(["ID", "ATTEMPT", "STATUS", "STAGE", "CHANGED", "HEAD"], deployments.Select(summary => (System.Collections.Immutable.ImmutableArray<Span>)
        [
            new(summary.Id, Tone.Strong), new(summary.Attempt.ToString(CultureInfo.InvariantCulture)), Symbols.OfWord(summary.Status).Span,
            new(summary.Stage), new($"{Duration.Of(now - summary.UpdatedAt)} ago"), new(Shown.Cut(summary.Head, 13).TrimEnd('…'), Tone.Faint),
        ]));
}
