using System.CommandLine;
using System.Globalization;
using Maestro.Applications;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro app add</c> and <c>maestro app list</c>.</summary>
internal static class AppVerb
{
    public const string RegisterKey = "applications/all";

    private const string LocalHost = "local";

    public static Command Create(SharedOptions shared) => new("app", "Register applications and list them.") { Add(shared), List(shared) };

    private static Command Add(SharedOptions shared)
    {
        var name = new Argument<string>("NAME") { Description = "Lower-case letters, digits and dashes, beginning with a letter." };
        var repository = new Option<string>("--repo") { Description = "The folder of the bare or ordinary repository.", HelpName = "PATH", Required = true };
        var team = SharedOptions.Word("--team", "Whose desk approves.", "TEAM", "main");
        var owner = new Option<string?>("--owner") { Description = "The owner's name in deployment ids. Default: the team.", HelpName = "OWNER" };
        var engine = SharedOptions.Word("--engine", "The infrastructure engine.", "ENGINE", "local");
        var staging = SharedOptions.Number("--staging-port", "The loopback port that serves staging.", 1, 65535, 8081);
        var production = SharedOptions.Number("--production-port", "The loopback port that serves production.", 1, 65535, 8080);
        var approvals = SharedOptions.Number("--approvals", "How many people must approve a release.", 1, 10, 1);
        var command = new Command("add", "Register an application, or change its settings.")
        {
            name, repository, team, owner, engine, staging, production, approvals,
        };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var application = new Application(
                parsed.GetRequiredValue(name), LocalHost, parsed.GetValue(owner) ?? parsed.GetRequiredValue(team),
                Path.GetFullPath(parsed.GetRequiredValue(repository)), parsed.GetRequiredValue(team), parsed.GetRequiredValue(engine),
                new EnvironmentSettings(EnvironmentSettings.StagingName, parsed.GetValue(staging), 1),
                new EnvironmentSettings(EnvironmentSettings.ProductionName, parsed.GetValue(production), parsed.GetValue(approvals)));
            await silo.Grain<IApplicationsGrain>(RegisterKey).AddAsync(application);
            shared.Terminal(parsed).Say(
                $"Registered {application.Name}. Open its first deployment with: maestro open --repo {application.Repository} --head BRANCH");
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static Command List(SharedOptions shared)
    {
        var output = SharedOptions.Output();
        var command = new Command("list", "List the registered applications.") { output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var list = await silo.Grain<IApplicationsGrain>(RegisterKey).ListAsync();
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("applications", list.Applications));
            }
            else if (list.Applications.IsEmpty)
            {
                terminal.Say("No application is registered. Register one with: maestro app add NAME --repo PATH");
            }
            else
            {
                terminal.Write(Columns.Of(["NAME", "TEAM", "STAGING", "PRODUCTION", "APPROVALS", "REPOSITORY"], list.Applications.Select(Row)));
            }
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static System.Collections.Immutable.ImmutableArray<Span> Row(Application application) =>
    [
        new(application.Name, Tone.Strong), new(application.Team), new(Number(application.Staging.Port)), new(Number(application.Production.Port)),
        new(Number(application.Production.Approvals)), new(application.Repository),
    ];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
