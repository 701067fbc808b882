using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Calls people where a deployment needs one: an undo that keeps failing, a release that was rolled back by itself.</summary>
public sealed class Calls(INotifier notifier)
{
    /// <summary>Calls them for an entry that is about to be recorded. The entry's number names the call, so that a second one is known as the same.</summary>
    /// <param name="progress">What the log comes to with the entry.</param>
    public async Task BeforeAsync(DeploymentId deployment, Progress progress, LogEntry entry)
    {
        var id = LogJson.FactKey(deployment, progress.Number);
        if (entry is LogEntry.Broke broke && progress.Find(entry.Attempt)?.Rows.GetValueOrDefault(broke.Stage) is { FailedUndos: Decisions.UndoTries })
        {
            await notifier.NotifyAsync(id, deployment.ToString(), new(
                "undo.parked", "What an attempt did is undone when it goes back.", $"{broke.Stage} to be undone",
                    $"{Decisions.UndoTries} failures, the last: {broke.Code}",
                $"Mend the cause, then use: maestro retry {deployment}. It is tried again by itself every hour."), CancellationToken.None);
        }
        if (entry is LogEntry.Closed { Outcome: Outcome.RolledBack } closed && closed.Code != Codes.RolledBackByCommand)
        {
            await notifier.NotifyAsync(id, deployment.ToString(), new(
                "release.rolled-back", "Production stays healthy after a release.", "a healthy release", closed.Code,
                "Production serves the release before again and is on hold. See maestro get, then release the hold."), CancellationToken.None);
        }
    }
}
