using System.Collections.Immutable;

namespace Maestro.Deployments;

/// <summary>Everything that can come next in a log: what the plan offers, what agents and people may say, and a push.</summary>
internal static class Successors
{
    public static IEnumerable<LogEntry> Of(Plan plan, ImmutableArray<LogEntry> log, Progress progress)
    {
        if (!log.Any(entry => entry is LogEntry.AttemptOpened { Attempt: 2 }))
        {
            yield return Entries.Opened(2);
        }
        if (progress.Active is not { } attempt)
        {
            yield break;
        }
        foreach (var entry in Offered(plan, progress).Concat(attempt.Rows.Values.Where(row => !row.Quiet).SelectMany(row =>
            Answers(attempt, row))))
        {
            yield return entry;
        }
        if (!attempt.GoesBack)
        {
            yield return Entries.Cancelled(attempt: attempt.Attempt);
        }
        if (!attempt.GoesBack && !attempt.IsSettled)
        {
            yield return Entries.Commanded(Command.Abort, null, attempt.Attempt);
        }
    }

    private static IEnumerable<LogEntry> Offered(Plan plan, Progress progress) => plan.Decide(progress, Entries.Began).SelectMany(move =>
        move switch
    {
        Move.Begin begin => [Entries.Started(begin.Row.Stage, begin.Try, move.Attempt)],
        Move.Cancel cancel => [Entries.Cancelled(cancel.Code, move.Attempt)],
        Move.Close close => [Entries.Closed(close.Outcome, close.Code, move.Attempt)],
        Move.Undo undo => [
            Entries.Undone(undo.Row.Stage, null, move.Attempt), Entries.Undone(undo.Row.Stage, Entries.Evidence, move.Attempt),
            Entries.Broke(undo.Row.Stage, "undo-broken", undo.Try, move.Attempt)],
        _ => Array.Empty<LogEntry>(),
    });

    // An answer may also come between the end of a try's time and the next try.
    private static IEnumerable<LogEntry> Answers(AttemptProgress attempt, RowProgress row) =>
    [
        Entries.Proved(row.Stage, row.Try, attempt.Attempt),
        Entries.Refused(row.Stage, row.Try, attempt.Attempt),
        Entries.Broke(row.Stage, "broken", row.Try, attempt.Attempt),
        Entries.Broke(row.Stage, Codes.Stopped, row.Try, attempt.Attempt),
        Entries.Broke(row.Stage, attempt.GoesBack ? Codes.StopDeadline : Codes.Deadline, row.Try, attempt.Attempt),
    ];
}
