using System.Collections.Immutable;
using Maestro.Environments;

namespace Maestro.Deployments;

/// <summary>Which command fits which state.</summary>
public static class Commands
{
    /// <summary>The attempt that the command is for.</summary>
    /// <exception cref="RefusedException">It does not fit; the reason says what would.</exception>
    public static AttemptProgress Check(Progress progress, Command command, DeploymentId id) => command switch
    {
        Command.Abort => CheckAbort(progress, id),
        Command.Retry => CheckRetry(progress, id),
        Command.RollBack => CheckRollBack(progress, id),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The attempts that end because their pull request was closed: as with a newer push, those that have not touched production.</summary>
    /// <exception cref="RefusedException"><c>change.in-production</c>: the release is on its way into production.</exception>
    public static ImmutableArray<AttemptProgress> CheckClose(Progress progress, DeploymentId id)
    {
        var open = progress.Attempts.Where(attempt => attempt is { IsClosed: false, GoesBack: false }).ToList();
        return open.Exists(attempt => attempt.TouchedProduction)
            ? throw Refusal("change.in-production", "A closed pull request ends its deployment until production is touched.",
                "a deployment before ProvisionProduction", "one after it", $"Stop it with: maestro abort {id}.")
            : [.. open];
    }

    private static AttemptProgress CheckAbort(Progress progress, DeploymentId id) => progress.Active switch
    {
        null => throw Refusal("command.closed", "Only a deployment under way can be aborted.", "a deployment under way", Found(progress),
            $"See: maestro get {id}."),
        { GoesBack: true } => throw Refusal("command.going-back", "A deployment that goes back is not aborted again.", "one that goes forward",
            "one that goes back already", $"See: maestro why {id}."),
        { IsSettled: true } => throw Refusal("command.settled", "What has settled in production is not aborted.", "a deployment before it settles",
            "one that has settled",
            "Roll the environment back with: maestro rollback."),
        var attempt => attempt,
    };

    private static AttemptProgress CheckRetry(Progress progress, DeploymentId id) => (progress.Active, progress.Newest) switch
    {
        ({ GoesBack: true } parked, _) when parked.Rows.Values.Any(row => row.FailedUndos > 0) => parked,
        (null, { Outcome: Outcome.Finished }) => throw Refusal("command.finished", "A finished deployment is not tried again.",
            "one that ended otherwise", "finished", "Open a new pull request."),
        (null, { } newest) => newest,
        _ => throw Refusal("command.under-way", "Only a deployment that has ended, or whose undo failed, is tried again.", "one that has ended",
            "one under way", $"See: maestro why {id}."),
    };

    private static AttemptProgress CheckRollBack(Progress progress, DeploymentId id) =>
        progress.Attempts.LastOrDefault(CanGoBack)
        ?? throw Refusal("command.not-live", "Only a deployment whose release is live is rolled back.", "a release of it that is live",
            Found(progress), $"See: maestro env {id.Repository}.");

    /// <summary>The attempt whose release production serves, or is about to; null where it is none of this deployment's.</summary>
    public static AttemptProgress? FindLive(Progress progress, EnvironmentView production, DeploymentId id) =>
        progress.Attempts.LastOrDefault(attempt => CanGoBack(attempt) && Serves(production, EffectOf(id, attempt)));

    private static bool CanGoBack(AttemptProgress attempt) => attempt.Proved(Stage.Promote) && (!attempt.GoesBack || IsStuck(attempt));

    private static bool Serves(EnvironmentView production, string effect) => production.Live?.Effect == effect || production.InFlight?.Effect == effect;

    private static string EffectOf(DeploymentId id, AttemptProgress attempt) =>
        Stages.Assignment.EffectOf(id, attempt.Attempt, Stage.Promote);

    // A rollback whose target cannot be brought back may be given another one.
    private static bool IsStuck(AttemptProgress attempt) => !attempt.IsClosed && attempt.Rows.Values.Any(row => row.FailedUndos > 0);

    /// <summary>Why what is live cannot be rolled back to the target; null where it can.</summary>
    public static Reason? FindFault(EnvironmentView production, AttemptProgress attempt, DeploymentId id, string? target)
    {
        var effect = EffectOf(id, attempt);
        if (!Serves(production, effect))
        {
            return new("command.not-live", "Only a deployment whose release is live is rolled back.", effect, production.Live?.Effect
                ?? "nothing live", $"See: maestro env {production.Application}.");
        }
        var candidates = string.Join(", ", production.Before.Select(release => release.Id));
        return (target, candidates) switch
        {
            (_, "") => new("rollback.nothing-before", "A rollback goes to a release that was live before.", "a release before", "none",
                "Release another change instead."),
            ({ } wanted, _) when production.Before.All(release => release.Id != wanted) => new(
                "rollback.unknown", "Only a release of the environment's history can be brought back.", candidates,
                new Outside.UntrustedText(wanted).Shown(40), "Name one of these with --to."),
            _ => null,
        };
    }

    private static string Found(Progress progress) => progress.Newest?.Outcome is { } outcome ? Statuses.Name(outcome) : "no attempt";

    private static RefusedException Refusal(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason(code, rule, expected, found, wayOut));
}
