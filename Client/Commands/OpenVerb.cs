using System.CommandLine;
using Maestro.Applications;
using Maestro.Connection;
using Maestro.Deployments;

namespace Maestro.Commands;

/// <summary><c>maestro open</c>: opens a pull request on the local git host, and so a deployment.</summary>
internal static class OpenVerb
{
    public const string GatewayKey = "gateway/local";

    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var repository = new Option<string>("--repo") { Description = "The repository, as registered.", HelpName = "PATH", Required = true };
        var head = new Option<string>("--head") { Description = "The branch with the change.", HelpName = "BRANCH", Required = true };
        var onto = SharedOptions.Word("--base", "The branch it goes to.", "BRANCH", "main");
        var command = new System.CommandLine.Command("open", "Open a deployment for a branch.") { repository, head, onto };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var application = await FindAsync(silo, Path.GetFullPath(parsed.GetRequiredValue(repository)));
            var id = await silo.Grain<IGatewayGrain>(GatewayKey).OpenAsync(application.Name, parsed.GetRequiredValue(head), parsed.GetRequiredValue(onto));
            shared.Terminal(parsed).Say(id);
            shared.Terminal(parsed).Say($"Watch it with: maestro get {id} --watch");
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static async Task<Application> FindAsync(ISilo silo, string path)
    {
        var list = await silo.Grain<IApplicationsGrain>(AppVerb.RegisterKey).ListAsync();
        return list.Applications.FirstOrDefault(application => Same(application.Repository, path))
            ?? throw new SentenceException(
                $"No application is registered for {path}. Register it with: maestro app add NAME --repo {path}", ExitCode.NotFound);
    }

    private static bool Same(string left, string right) => Path.TrimEndingDirectorySeparator(left) == Path.TrimEndingDirectorySeparator(right);
}
