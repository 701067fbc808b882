namespace Maestro.Deployments;

/// <summary>The one word that says how a deployment stands.</summary>
public static class Statuses
{
    public const string Running = "running";
    public const string WaitingForPeople = "waiting";
    public const string GoingBack = "going-back";
    public const string Parked = "parked";

    public static string Of(Progress progress, DateTimeOffset now, Plans plans)
    {
        if (progress.Active is not { } attempt)
        {
            return progress.Newest?.Outcome is { } outcome ? Name(outcome) : "empty";
        }
        if (attempt.GoesBack)
        {
            return attempt.Rows.Values.Any(row => row.IsParked(now)) ? Parked : GoingBack;
        }
        var started = attempt.Rows.Values.Where(row => row.State == RowState.Started).ToList();
        return started.Count > 0 && started.All(row => IsDesk(plans, progress, attempt, row.Stage)) ? WaitingForPeople : Running;
    }

    /// <summary>The stage that is under way: the last one that started and has no answer.</summary>
    public static string? StageOf(Progress progress) => progress.Active?.Rows.Values
        .Where(row => row.State == RowState.Started).OrderByDescending(row => row.Order).FirstOrDefault()?.Stage.ToString();

    public static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Finished => "finished",
        Outcome.FinishedNotMerged => "finished-not-merged",
        Outcome.Refused => "refused",
        Outcome.Failed => "failed",
        Outcome.RolledBack => "rolled-back",
        Outcome.Aborted => "aborted",
        Outcome.Superseded => "superseded",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static bool IsDesk(Plans plans, Progress progress, AttemptProgress attempt, Stage stage) =>
        plans.FindRow(progress, attempt.Attempt, stage) is { Asked: Identity.Role.Desk };
}
