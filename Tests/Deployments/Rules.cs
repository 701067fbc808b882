using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>What must be true of every decision, judged by a plain reading of the log.</summary>
internal static class Rules
{
    private static readonly DateTimeOffset Now = Entries.Began;

    public static void Check(Plan plan, ImmutableArray<LogEntry> log, Progress progress)
    {
        var open = log.OfType<LogEntry.AttemptOpened>().Select(opened => opened.Attempt).Where(attempt =>
            !new LogReading(log, attempt).IsClosed).ToList();
        Assert.Equal(open.Count == 0 ? null : open.Min(), progress.Active?.Attempt);
        foreach (var now in new[] { Now, Now + TimeSpan.FromMinutes(30), Now + TimeSpan.FromDays(10) })
        {
            var moves = plan.Decide(progress, now);
            Assert.Equal(moves.AsEnumerable(), plan.Decide(progress, now));
            Assert.Equal(moves.AsEnumerable(), plan.Decide(Progress.Of(log), now));
            CheckLife(plan, progress, moves, now);
            if (open.Count > 0)
            {
                var reading = new LogReading(log, open.Min());
                Assert.All(moves, move => Assert.Equal(open.Min(), move.Attempt));
                Assert.All(moves, move => CheckMove(plan, reading, move, now));
                var asks = moves.Select(move => move is Move.Ask).ToList();
                Assert.Equal(asks.Order(), asks);
            }
        }
        SameProgress.Assert(progress, Snapshot.Read(Snapshot.Write(progress)));
    }

    private static void CheckLife(Plan plan, Progress progress, ImmutableArray<Move> moves, DateTimeOffset now)
    {
        var next = new Orders(null!, Plans.Shipped, TimeProvider.System).NextLook(plan, progress, now, Array.Empty<Outage>());
        if (progress.Active is not { } attempt)
        {
            Assert.Empty(moves);
            Assert.Null(next);
            return;
        }
        Assert.NotNull(next);
        Assert.True(moves.Length > 0 || attempt.Rows.Values.Any(row =>
            row.RestsUntil(attempt.GoesBack) > now), "An open attempt has neither a move nor something that rests.");
    }

    private static void CheckMove(Plan plan, LogReading log, Move move, DateTimeOffset now)
    {
        switch (move)
        {
            case Move.Begin begin:
                Assert.False(log.GoesBack, "Nothing begins on the way back.");
                Assert.All(SmallPlan.Needs[begin.Row.Stage], need =>
                    Assert.True(log.Proved(need), $"{begin.Row.Stage} begins without {need}."));
                Assert.Equal(log.Tries(begin.Row.Stage) + 1, begin.Try);
                Assert.True(begin.Try <= begin.Row.Tries && !log.Proved(begin.Row.Stage), $"{begin.Row.Stage} begins once too often.");
                Assert.True(begin.Try == 1 || log.IsOver(begin.Row.Stage), $"{begin.Row.Stage} begins while it runs.");
                break;
            case Move.Ask ask:
                Assert.False(log.GoesBack, "Nothing is asked on the way back.");
                Assert.True(log.Runs(ask.Row.Stage) && ask.Deadline > now, $"{ask.Row.Stage} is asked although it does not run, or late.");
                break;
            case Move.GiveUp give:
                Assert.True(log.Runs(give.Row.Stage), $"{give.Row.Stage} is given up and does not run.");
                break;
            case Move.Halt halt:
                Assert.True(log.GoesBack && log.Runs(halt.Row.Stage), $"{halt.Row.Stage} is stopped and does not run.");
                break;
            case Move.Undo undo:
                Assert.True(log.GoesBack, "Nothing is undone on the way forward.");
                Assert.DoesNotContain(log.InOrder, log.Runs);
                Assert.Equal(log.InOrder.Last(stage => MustGo(log, stage)), undo.Row.Stage);
                break;
            case Move.Cancel:
                Assert.False(log.GoesBack, "It turns back once.");
                break;
            case Move.Close close:
                CheckClose(plan, log, close);
                break;
        }
    }

    private static void CheckClose(Plan plan, LogReading log, Move.Close close)
    {
        Assert.DoesNotContain(log.InOrder, log.Runs);
        Assert.Equal(!log.GoesBack, close.Outcome == Outcome.Finished);
        if (log.GoesBack)
        {
            Assert.DoesNotContain(log.InOrder, stage => MustGo(log, stage));
        }
        else
        {
            Assert.All(plan.Rows, row => Assert.True(log.Proved(row.Stage), $"It closes without {row.Stage}."));
        }
    }

    private static bool MustGo(LogReading log, Stage stage) => stage is (Stage.DeployStaging or Stage.Promote) && !log.Undone(stage);
}
