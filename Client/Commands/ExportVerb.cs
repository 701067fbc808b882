using System.CommandLine;
using Maestro.Connection;
using Maestro.Custody;

namespace Maestro.Commands;

/// <summary><c>maestro export</c>: everything an auditor needs of one attempt, in one document.</summary>
internal static class ExportVerb
{
    public static Command Create(SharedOptions shared)
    {
        var id = SharedOptions.Id();
        var attempt = Attempt();
        var command = new Command("export", "Print what an auditor needs of a deployment, to be checked anywhere.") { id, attempt };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var deployment = await DeploymentLookup.ResolveAsync(silo, parsed.GetRequiredValue(id));
            await shared.Terminal(parsed).Out.WriteLineAsync(await ReadAsync(silo, deployment, parsed.GetValue(attempt)));
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    public static Option<int?> Attempt() => new("--attempt") { Description = "Which attempt. Default: the newest.", HelpName = "N" };

    public static Task<string> ReadAsync(ISilo silo, string deployment, int? attempt) =>
        silo.Grain<IBundleGrain>($"bundle/{deployment}").ExportAsync(attempt);
}
