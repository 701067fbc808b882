using System.CommandLine;
using Maestro.Applications;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Environments;

namespace Maestro.Commands;

/// <summary><c>maestro rollback</c>: brings back the release before, or the one that is named.</summary>
internal static class RollbackVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var application = new Argument<string>("APP") { Description = "The application." };
        var to = new Option<string?>("--to") { Description = "The release to bring back, such as r7. Default: the one before.", HelpName = "RELEASE" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = new System.CommandLine.Command("rollback", "Bring production back to an earlier release.") { application, to, yes };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var name = parsed.GetRequiredValue(application);
            var environment = await silo.Grain<IEnvironmentGrain>(EnvVerb.Key(name, EnvironmentSettings.ProductionName)).GetAsync();
            var (live, target) = Choose(environment, name, parsed.GetValue(to));
            if (!await shared.ConfirmAsync($"Bring {name} back from {live.Id} to {target}?", parsed.GetValue(yes), cancellation))
            {
                throw new SentenceException("Nothing was rolled back.", ExitCode.Refused);
            }
            await silo.Grain<IDeploymentGrain>(live.Deployment).CommandAsync(Deployments.Command.RollBack, parsed.GetValue(to));
            shared.Terminal(parsed).Say($"{name} goes back from {live.Id} to {target}. Watch it with: maestro get {live.Deployment} --watch");
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static (Release Live, string Target) Choose(EnvironmentView environment, string name, string? asked)
    {
        if (environment.Live is not { } live)
        {
            throw new SentenceException($"{name} has no live release in production.", ExitCode.NotFound);
        }
        if (asked is not null && !environment.Before.Any(release => release.Id == asked))
        {
            var known = environment.Before.IsEmpty
                ? "There is none to go back to."
                : $"There are {string.Join(", ", environment.Before.Select(release => release.Id))}.";
            throw new SentenceException($"{name} has no earlier release '{asked}'. {known}", ExitCode.NotFound);
        }
        return (live, asked ?? environment.Before.FirstOrDefault()?.Id
            ?? throw new SentenceException($"{name} has no release before {live.Id} to go back to.", ExitCode.NotFound));
    }
}
