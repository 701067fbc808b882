using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>What the deployments' logs must be.</summary>
internal static class LogChecks
{
    private const string LostOutcome = "lost";

    /// <summary>Deployments that were opened and came to no end, or that nobody knows any more.</summary>
    public static IEnumerable<string> Lost(History history)
    {
        var known = history.Deployments.Select(deployment => deployment.Id).ToHashSet();
        return history.Results.Concat(history.Peace).Where(result => result.Outcome == LostOutcome || !known.Contains(result.Deployment))
            .Select(result => $"{result.Change}: {(result.Deployment.Length > 0 ? result.Deployment : "the change")} came to no end")
            .Concat(history.Deployments.Where(deployment => Progress.Of(deployment.Entries).Active is not null)
                .Select(deployment => $"{deployment.Id} is still open; its last entry is {deployment.Log.LastOrDefault()}"));
    }

    /// <summary>Numbers with a gap, entries that the plan does not allow where they stand, and heads that are not what the log comes to.</summary>
    public static IEnumerable<string> NotMonotonic(History history) => history.Deployments.SelectMany(deployment =>
        GapsOf(deployment).Concat(OutOfPlace(deployment)).Concat(HeadOf(deployment)));

    private static IEnumerable<string> GapsOf(DeploymentHistory deployment) => deployment.Log
        .Select((line, index) => (line, index)).Where(pair => pair.line.Number != pair.index + 1)
        .Select(pair => $"entry {pair.index + 1} is not there: {deployment.Show(pair.line)}").Take(1);

    private static IEnumerable<string> OutOfPlace(DeploymentHistory deployment)
    {
        var progress = Progress.Empty;
        foreach (var line in deployment.Log)
        {
            if (FaultOf(progress, line.Entry) is { } fault)
            {
                yield return $"{fault}: {deployment.Show(line)}";
            }
            progress = progress.With(line.Entry);
        }
    }

    private static string? FaultOf(Progress before, LogEntry entry)
    {
        var attempt = before.Find(entry.Attempt);
        return entry switch
        {
            LogEntry.AttemptOpened => attempt is null ? null : "an attempt is opened twice",
            _ when attempt is null => "an entry of no attempt",
            LogEntry.Commanded => null,
            _ when attempt.IsClosed => "an entry after the end",
            LogEntry.Started started => StartOf(attempt, started),
            LogEntry.Proved proved => attempt.Rows.GetValueOrDefault(proved.Stage) is { State: RowState.Started } row && row.Try == proved.Try
                ? null : "a proof of what was not under way",
            LogEntry.Undone undone => attempt.GoesBack && attempt.Rows.GetValueOrDefault(undone.Stage) is { Undone: false }
                ? null : "an undo of what was not there, or was undone",
            _ => null,
        };
    }

    private static string? StartOf(AttemptProgress attempt, LogEntry.Started started)
    {
        var plan = Plan.Versions.First(plan => plan.Version == attempt.TableVersion);
        var row = attempt.Rows.GetValueOrDefault(started.Stage);
        return attempt.GoesBack ? "a beginning on the way back"
            : !plan.NeedsOf(started.Stage).All(attempt.Proved) ? "a beginning without what it needs"
            : row is null ? started.Try == 1 ? null : "a second try without a first"
            : row.State == RowState.Broke && started.Try == row.Try + 1 ? null : "a stage that was under way begins again";
    }

    private static IEnumerable<string> HeadOf(DeploymentHistory deployment)
    {
        if (deployment.HeadNumber != deployment.Log.Length)
        {
            return [$"{deployment.Id}: the head says {deployment.HeadNumber} entries, the log has {deployment.Log.Length}"];
        }
        var folded = Snapshot.Write(Progress.Of(deployment.Entries));
        return folded.AsSpan().SequenceEqual(deployment.Snapshot.Span) ? [] : [$"{deployment.Id}: the head is not what the log comes to"];
    }
}
