using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>The one decision: from the plan, the log's fold and the time it says every move that is due. It has no effect and waits for nothing.</summary>
public static class Decisions
{
    /// <summary>How long a stage may take to stop once the attempt goes back.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromMinutes(2);

    /// <summary>How often an undo may break before a person is called.</summary>
    public const int UndoTries = 5;

    /// <summary>A parked undo is tried again by itself after this time.</summary>
    public static readonly TimeSpan ParkedFor = TimeSpan.FromHours(1);

    public static ImmutableArray<Move> Decide(this Plan plan, Progress progress, DateTimeOffset now, IReadOnlyList<Outage>? outages = null)
    {
        if (progress.Active is not { } attempt || attempt.TableVersion != plan.Version)
        {
            return [];
        }
        outages ??= [];
        return attempt.GoesBack ? GoBack(plan, attempt, now, outages) : GoOn(plan, progress, attempt, now, outages);
    }

    /// <summary>The time at which a try is over: its limit, moved on by the time in which nobody could ask.</summary>
    public static DateTimeOffset DeadlineOf(DateTimeOffset startedAt, TimeSpan within, IReadOnlyList<Outage> outages) =>
        outages.Where(outage => outage.To > startedAt).Aggregate(startedAt + within, (deadline, outage) =>
            deadline + (outage.To - (outage.From > startedAt ? outage.From : startedAt)));

    /// <summary>A try that broke is not repeated at once: after 1 s, doubling to a minute, so that a short trouble does not use up all tries.</summary>
    private static bool IsResting(this RowProgress row, DateTimeOffset now, bool goesBack) => now < row.RestsUntil(goesBack);

    /// <summary>An undo that broke too often waits for a person, and for an hour at most.</summary>
    public static bool IsParked(this RowProgress row, DateTimeOffset now) => row.FailedUndos >= UndoTries && now < row.ChangedAt + ParkedFor;

    private static ImmutableArray<Move> GoOn(
        Plan plan, Progress progress, AttemptProgress attempt, DateTimeOffset now, IReadOnlyList<Outage> outages)
    {
        if (progress.Newest != attempt && !attempt.TouchedProduction)
        {
            return [new Move.Cancel(attempt.Attempt, Codes.Superseded)];
        }
        if (plan.Rows.Select(row => (row, at: attempt.Rows.GetValueOrDefault(row.Stage))).FirstOrDefault(pair => IsOver(pair.row, pair.at)) is { at: { } over })
        {
            return attempt.IsSettled
                ? [new Move.Close(attempt.Attempt, Outcome.FinishedNotMerged, over.Code ?? Codes.OutOfTries)]
                : [new Move.Cancel(attempt.Attempt, over.Code ?? Codes.OutOfTries)];
        }
        if (plan.Rows.All(row => attempt.Proved(row.Stage)))
        {
            return [new Move.Close(attempt.Attempt, Outcome.Finished, Codes.Done)];
        }
        var moves = plan.Rows.Select(row => Next(plan, attempt, row, now, outages)).OfType<Move>().ToImmutableArray();
        return [.. moves.Where(move => move is not Move.Ask), .. moves.Where(move => move is Move.Ask)];
    }

    private static bool IsOver(Row row, RowProgress? at) =>
        at is { State: RowState.Refused } || (at is { State: RowState.Broke } && at.Try >= row.Tries);

    private static Move? Next(Plan plan, AttemptProgress attempt, Row row, DateTimeOffset now, IReadOnlyList<Outage> outages)
    {
        var at = attempt.Rows.GetValueOrDefault(row.Stage);
        return at switch
        {
            null => plan.NeedsOf(row.Stage).All(attempt.Proved) ? new Move.Begin(attempt.Attempt, row, 1) : null,
            { State: RowState.Broke } => at.IsResting(now, goesBack: false) ? null : new Move.Begin(attempt.Attempt, row, at.Try + 1),
            { State: RowState.Started } => DeadlineOf(at.StartedAt, at.Within, outages) is var deadline && now >= deadline
                ? new Move.GiveUp(attempt.Attempt, row, at.Try, Codes.Deadline)
                : new Move.Ask(attempt.Attempt, row, at.Try, deadline),
            _ => null,
        };
    }

    private static ImmutableArray<Move> GoBack(Plan plan, AttemptProgress attempt, DateTimeOffset now, IReadOnlyList<Outage> outages)
    {
        var rows = plan.Rows.Where(row => attempt.Rows.ContainsKey(row.Stage)).Select(row => (row, at: attempt.Rows[row.Stage])).ToList();
        if (rows.Where(pair => !pair.at.Quiet).ToList() is { Count: > 0 } running)
        {
            var deadline = DeadlineOf(attempt.BackSince ?? now, StopWithin, outages);
            return [.. running.Select(pair => now >= deadline
                ? (Move)new Move.GiveUp(attempt.Attempt, pair.row, pair.at.Try, Codes.StopDeadline)
                : new Move.Halt(attempt.Attempt, pair.row, pair.at.Try, deadline))];
        }
        var undo = rows.Where(pair => pair.row.WayBack == WayBack.Undo && !pair.at.Undone && (!attempt.Reopened || pair.row.Stage == Stage.Promote))
            .OrderByDescending(pair => pair.at.Order).FirstOrDefault();
        if (undo.row is not null)
        {
            return undo.at.IsResting(now, goesBack: true) ? []
                : [new Move.Undo(attempt.Attempt, undo.row, undo.at.FailedUndos + 1, attempt.BackCode!, attempt.Target)];
        }
        return [new Move.Close(attempt.Attempt, OutcomeOf(attempt), attempt.BackCode!)];
    }

    private static Outcome OutcomeOf(AttemptProgress attempt) => attempt switch
    {
        _ when attempt.Rows.GetValueOrDefault(Stage.Promote) is { Restored: true } => Outcome.RolledBack,
        { BackCode: Codes.Superseded } => Outcome.Superseded,
        { BackCode: Codes.Aborted or Codes.ChangeClosed or Codes.RolledBackByCommand } => Outcome.Aborted,
        _ when attempt.Rows.Values.Any(row => row.State == RowState.Refused) => Outcome.Refused,
        _ => Outcome.Failed,
    };
}
