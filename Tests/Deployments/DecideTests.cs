using System.Collections.Immutable;

namespace Maestro.Deployments;

/// <summary>The one decision, in every state that a plan of five rows can come to.</summary>
public sealed class DecideTests
{
    private const int Depth = 8;

    private static readonly DateTimeOffset Now = Entries.Began;

    [Fact]
    public void Every_log_of_eight_entries_leads_to_a_move_that_keeps_the_rules()
    {
        var (visited, logs) = Visit(SmallPlan.Plan, Rules.Check);
        TestContext.Current.SendDiagnosticMessage($"{visited} states and {logs} logs were visited.");
        Assert.True(logs > 10_000, $"Only {logs} logs in {visited} states were visited.");
    }

    [Fact]
    public void A_plan_that_forgets_a_need_is_caught_by_the_same_visit()
    {
        var rows = SmallPlan.Plan.Rows;
        var hasty = new Plan(1, SmallPlan.Plan.OpensWith, rows.Replace(rows[3], rows[3] with { Needs = [rows[1].Proves] }));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Visit(hasty, Rules.Check));
    }

    [Fact]
    public void A_plan_that_undoes_nothing_is_caught_by_the_same_visit()
    {
        var lazy = new Plan(1, SmallPlan.Plan.OpensWith, [.. SmallPlan.Plan.Rows.Select(row => row with { WayBack = WayBack.Leave })]);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Visit(lazy, Rules.Check));
    }

    [Fact]
    public void A_log_that_cannot_be_never_throws()
    {
        var random = new Random(20250301);
        for (var number = 0; number < 20_000; number++)
        {
            var log = Enumerable.Range(0, random.Next(30)).Select(_ => RandomEntry(random)).ToList();
            var progress = Progress.Of(log);
            foreach (var plan in new[] { SmallPlan.Plan, Plan.Version1 })
            {
                _ = plan.Decide(progress, Now + TimeSpan.FromMinutes(random.Next(100_000)));
            }
            _ = Statuses.Of(progress, Now, Plans.Shipped);
            if (Snapshot.Write(progress) is { Length: > 0 } bytes)
            {
                SameProgress.Assert(progress, Snapshot.Read(bytes));
            }
        }
    }

    [Fact]
    public void A_version_of_the_plan_that_is_unknown_decides_nothing()
    {
        var progress = new[] { Entries.Opened(version: 99) }.Fold();
        Assert.Empty(Plan.Version1.Decide(progress, Now));
        Assert.NotEmpty(Plan.Version1.Decide(new[] { Entries.Opened() }.Fold(), Now));
    }

    [Fact]
    public void A_rollback_by_command_undoes_what_was_promoted_and_nothing_else()
    {
        List<LogEntry> log = [.. Entries.AllDone(), Entries.Closed(), Entries.Commanded(Command.RollBack, "r3")];
        var undo = Assert.IsType<Move.Undo>(Assert.Single(Plan.Version1.Decide(log.Fold(), Now)));
        Assert.Equal((Stage.Promote, Codes.RolledBackByCommand, "r3"), (undo.Row.Stage, undo.Code, undo.Target));
        log.Add(Entries.Undone(Stage.Promote, Entries.Evidence));
        var close = Assert.IsType<Move.Close>(Assert.Single(Plan.Version1.Decide(log.Fold(), Now)));
        Assert.Equal(Outcome.RolledBack, close.Outcome);
    }

    [Fact]
    public void A_closed_attempt_that_is_rolled_back_twice_goes_back_twice()
    {
        List<LogEntry> log = [.. Entries.AllDone(), Entries.Closed()];
        for (var time = 0; time < 2; time++)
        {
            log.Add(Entries.Commanded(Command.RollBack));
            Assert.IsType<Move.Undo>(Assert.Single(Plan.Version1.Decide(log.Fold(), Now)));
            log.AddRange([Entries.Undone(Stage.Promote), Entries.Closed(Outcome.RolledBack, Codes.RolledBackByCommand)]);
            Assert.Empty(Plan.Version1.Decide(log.Fold(), Now));
        }
    }

    // Breadth first. States that neither the fold nor a plain reading of the log can tell apart are visited once and counted as often as
    // they come.
    private static (int States, long Logs) Visit(Plan plan, Action<Plan, ImmutableArray<LogEntry>, Progress> check)
    {
        var (states, logs) = (0, 0L);
        var level = new Dictionary<string, (ImmutableArray<LogEntry> Log, long Times)> { [""] = ([Entries.Opened()], 1) };
        for (var depth = 0; depth <= Depth; depth++)
        {
            var next = new Dictionary<string, (ImmutableArray<LogEntry> Log, long Times)>();
            foreach (var (log, times) in level.Values)
            {
                var progress = Progress.Of(log);
                check(plan, log, progress);
                (states, logs) = (states + 1, logs + times);
                foreach (var entry in depth < Depth ? Successors.Of(plan, log, progress) : [])
                {
                    var longer = log.Add(entry);
                    var key = KeyOf(longer, progress.With(entry));
                    next[key] = next.TryGetValue(key, out var known) ? (known.Log, known.Times + times) : (longer, times);
                }
            }
            level = next;
        }
        return (states, logs);
    }

    private static string KeyOf(ImmutableArray<LogEntry> log, Progress progress)
    {
        var snapshot = Snapshot.Write(progress);
        Assert.NotEmpty(snapshot);
        return $"{Convert.ToBase64String(snapshot)}|{new LogReading(log, 1).Key}|{new LogReading(log, 2).Key}";
    }

    private static LogEntry RandomEntry(Random random)
    {
        var (attempt, stage, tried) = (random.Next(1, 4), (Stage)random.Next(Enum.GetValues<Stage>().Length), random.Next(4));
        return random.Next(12) switch
        {
            0 or 1 => Entries.Opened(attempt),
            2 or 3 or 4 => Entries.Started(stage, tried, attempt),
            5 or 6 => Entries.Proved(stage, tried, attempt),
            7 => Entries.Refused(stage, tried, attempt),
            8 => Entries.Broke(stage, random.Next(2) == 0 ? Codes.Deadline : "broken", tried, attempt),
            9 => Entries.Undone(stage, random.Next(2) == 0 ? Entries.Evidence : null, attempt),
            10 => Entries.Commanded((Command)random.Next(3), null, attempt),
            _ => random.Next(2) == 0 ? Entries.Closed((Outcome)random.Next(7), "code", attempt) : Entries.Cancelled("code", attempt),
        };
    }
}
