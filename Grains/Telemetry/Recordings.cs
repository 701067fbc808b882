using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Telemetry;

/// <summary>
/// Tells of an entry once it is durable: its metrics, and the spans that it ends, with the times that were recorded. So a restart in between
/// loses no span, and telling twice tells the same one.
/// </summary>
internal static class Recordings
{
    /// <summary>A desk that takes longer than this has asked somebody.</summary>
    private static readonly TimeSpan AsksNobody = TimeSpan.FromSeconds(5);

    /// <param name="before">What the log came to before the entry.</param>
    /// <param name="asked">Whether the stage said that it waits for somebody.</param>
    public static void Tell(DeploymentId deployment, Plans plans, Progress before, LogEntry entry, Func<Stage, bool> asked)
    {
        switch (entry)
        {
            case LogEntry.AttemptOpened:
                Instruments.AttemptsOpened.Add(1);
                break;
            case LogEntry.Started { Try: > 1 } again:
                Instruments.StageRetries.Add(1, new KeyValuePair<string, object?>("stage", Traces.Name(again.Stage)));
                break;
            case LogEntry.Proved proved:
                TellAnswer(deployment, plans, before, entry, (proved.Stage, proved.Try, "proved", null), asked);
                break;
            case LogEntry.Refused refused:
                TellAnswer(deployment, plans, before, entry, (refused.Stage, refused.Try, "refused", refused.Code), asked);
                break;
            case LogEntry.Broke broke:
                TellAnswer(deployment, plans, before, entry, (broke.Stage, broke.Try, "broke", broke.Code), asked);
                break;
            case LogEntry.Undone undone:
                TellUndo(undone.Stage, "undone");
                TellBack(deployment, before, undone, $"undo {Traces.Name(undone.Stage)}");
                break;
            case LogEntry.Closed closed:
                TellClosed(deployment, before, closed);
                break;
        }
    }

    private static void TellAnswer(
        DeploymentId deployment, Plans plans, Progress before, LogEntry entry, (Stage Stage, int Try, string Outcome, string? Code) answer,
        Func<Stage, bool> asked)
    {
        var attempt = before.Find(entry.Attempt);
        if (attempt?.Rows.GetValueOrDefault(answer.Stage) is not { State: RowState.Started } row)
        {
            if (attempt is { GoesBack: true } && answer.Outcome == "broke")
            {
                TellUndo(answer.Stage, "broke");
            }
            return;
        }
        var took = entry.At > row.StartedAt ? entry.At - row.StartedAt : TimeSpan.Zero;
        var byPeople = plans.FindRow(before, entry.Attempt, answer.Stage) is { Asked: Role.Desk } && (asked(answer.Stage) || took > AsksNobody);
        Instruments.StageDuration.Record(
            took.TotalSeconds, new KeyValuePair<string, object?>("stage", Traces.Name(answer.Stage)), new("outcome", answer.Outcome),
            new("waiting", byPeople ? "people" : "work"));
        if (!Traces.Source.HasListeners())
        {
            return;
        }
        var own = SpanIds.StageOf(deployment, entry.Attempt, answer.Stage, answer.Try);
        using var span = SpanIds.Start(
            Traces.Source, $"stage {Traces.Name(answer.Stage)}", own, SpanIds.AttemptOf(deployment, entry.Attempt), row.StartedAt);
        span?.SetTag("maestro.stage", Traces.Name(answer.Stage)).SetTag("maestro.try", answer.Try).SetTag("maestro.waiting", byPeople ? "people" : "work");
        End(span, deployment, entry, answer.Outcome, answer.Code);
    }

    private static void TellClosed(DeploymentId deployment, Progress before, LogEntry.Closed closed)
    {
        var outcome = Statuses.Name(closed.Outcome);
        Instruments.AttemptsClosed.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (closed.Outcome == Outcome.RolledBack)
        {
            Instruments.Rollbacks.Add(1, new KeyValuePair<string, object?>("cause", closed.Code == Codes.RolledBackByCommand ? "command" : "itself"));
        }
        if (!Traces.Source.HasListeners() || before.Find(closed.Attempt) is not { } attempt)
        {
            return;
        }
        if (attempt.Reopened)
        {
            TellBack(deployment, before, closed, "rollback");
            return;
        }
        using var span = SpanIds.Start(Traces.Source, Traces.Attempt, SpanIds.AttemptOf(deployment, closed.Attempt), null, attempt.OpenedAt);
        End(span, deployment, closed, outcome, closed.Outcome == Outcome.Finished ? null : closed.Code);
    }

    private static void TellUndo(Stage stage, string outcome) => Instruments.Undos.Add(
        1, new KeyValuePair<string, object?>("stage", Traces.Name(stage)), new("outcome", outcome));

    private static void TellBack(DeploymentId deployment, Progress before, LogEntry entry, string name)
    {
        if (Traces.Source.HasListeners() && before.Find(entry.Attempt)?.BackSince is { } since)
        {
            var own = SpanIds.Of(deployment, entry.Attempt, FormattableString.Invariant($"{name}/{before.Number + 1}"));
            using var span = SpanIds.Start(Traces.Source, name, own, SpanIds.AttemptOf(deployment, entry.Attempt), since);
            End(span, deployment, entry, "undone", null);
        }
    }

    private static void End(Activity? span, DeploymentId deployment, LogEntry entry, string outcome, string? code)
    {
        span?.SetTag("maestro.deployment", deployment.ToString()).SetTag("maestro.attempt", entry.Attempt).SetTag("maestro.outcome", outcome);
        if (code is not null)
        {
            span?.SetTag("error.type", Bounded.Codes.Of(code)).SetStatus(ActivityStatusCode.Error);
        }
        span?.SetEndTime(entry.At.UtcDateTime);
    }
}
