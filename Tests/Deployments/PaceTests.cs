using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Limits, outages, and when a question is put again.</summary>
public sealed class PaceTests
{
    private static readonly DateTimeOffset Noon = Entries.Began;

    [Fact]
    public void A_deadline_moves_by_the_time_in_which_nobody_could_ask()
    {
        Assert.Equal(At(10), Deadline());
        Assert.Equal(At(13), Deadline((2, 5)));
        Assert.Equal(At(15), Deadline((2, 5), (6, 8)));
    }

    [Fact]
    public void An_outage_before_the_start_counts_only_from_the_start_on()
    {
        Assert.Equal(At(10), Deadline((-5, -1)));
        Assert.Equal(At(10), Deadline((-5, 0)));
        Assert.Equal(At(12), Deadline((-5, 2)));
    }

    [Fact]
    public void A_row_is_given_up_at_its_deadline_and_after_an_outage_later()
    {
        var progress = new[] { Entries.Opened(), Entries.Started(Stage.Review) }.Fold();
        var end = Noon + Plan.Version1[Stage.Review].Within;
        Assert.IsType<Move.Ask>(Assert.Single(Plan.Version1.Decide(progress, end.AddMilliseconds(-1))));
        Assert.Equal(Codes.Deadline, Assert.IsType<Move.GiveUp>(Assert.Single(Plan.Version1.Decide(progress, end))).Code);
        Assert.IsType<Move.Ask>(Assert.Single(Plan.Version1.Decide(progress, end, [new(At(1), At(2))])));
    }

    [Fact]
    public void A_question_is_put_again_after_a_second_doubling_to_thirty()
    {
        var pace = new AskPace();
        var (now, pauses) = (Noon, new List<double>());
        Assert.True(pace.IsDue("q", now));
        for (var time = 0; time < 7; time++)
        {
            var next = pace.NextAt(["q"])!.Value;
            Assert.False(pace.IsDue("q", next.AddMilliseconds(-1)));
            Assert.True(pace.IsDue("q", next));
            pauses.Add((next - now).TotalSeconds);
            now = next;
        }
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], pauses);
    }

    [Fact]
    public void A_question_is_put_again_at_once_when_a_silo_died()
    {
        var deaths = new Deaths(TimeProvider.System);
        var pace = new AskPace(deaths);
        Assert.True(pace.IsDue("q", Noon));
        pace.Quiet("written", At(60));
        deaths.Note(SiloAddress.New(System.Net.IPAddress.Loopback, 1, 1), SiloStatus.Dead);
        Assert.True(pace.IsDue("q", Noon));
        Assert.True(pace.IsDue("written", Noon));
        Assert.False(pace.IsDue("q", Noon));
    }

    [Fact]
    public void What_is_said_soon_after_a_death_is_missed_sooner()
    {
        var clock = new Clock();
        var deaths = new Deaths(clock);
        var pace = new AskPace(deaths);
        Assert.False(deaths.InHaste);
        deaths.Note(SiloAddress.New(System.Net.IPAddress.Loopback, 1, 1), SiloStatus.Dead);
        Assert.True(pace.IsDue("q", Noon));
        Assert.Equal(Noon.AddMilliseconds(250), pace.NextAt(["q"]));
        Assert.True(pace.IsDue("q", Noon.AddMilliseconds(250)));
        Assert.Equal(Noon.AddMilliseconds(750), pace.NextAt(["q"]));

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(deaths.InHaste);
        Assert.True(pace.IsDue("later", Noon));
        Assert.Equal(Noon.AddSeconds(1), pace.NextAt(["later"]));
    }

    [Fact]
    public void A_question_that_was_written_down_rests()
    {
        var pace = new AskPace();
        pace.Quiet("q", At(60));
        Assert.False(pace.IsDue("q", At(59)));
        Assert.True(pace.IsDue("q", At(60)));
        Assert.True(pace.IsDue("other", Noon));
        pace.Quiet("q", DateTimeOffset.MaxValue);
        Assert.False(pace.IsDue("q", Noon.AddYears(50)));
    }

    [Fact]
    public void A_question_that_is_no_longer_open_is_forgotten()
    {
        var pace = new AskPace();
        Assert.True(pace.IsDue("a", Noon) && pace.IsDue("b", Noon));
        pace.Keep(new HashSet<string> { "b" });
        Assert.Null(pace.NextAt(["a"]));
        Assert.NotNull(pace.NextAt(["a", "b"]));
        Assert.True(pace.IsDue("a", Noon));
        Assert.False(pace.IsDue("b", Noon));
    }

    [Fact]
    public void An_unknown_version_of_the_plan_is_looked_at_again_in_a_minute()
    {
        var progress = new[] { Entries.Opened(version: 99) }.Fold();
        Assert.Equal(At(1), new Orders(null!, Plans.Shipped, TimeProvider.System).NextLook(Plan.Version1, progress, Noon, Array.Empty<Outage>()));
    }

    [Fact]
    public void A_parked_undo_is_looked_at_when_its_hour_is_over()
    {
        var log = new List<LogEntry> { Entries.Opened(), Entries.Started(Stage.DeployStaging), Entries.Broke(Stage.DeployStaging),
            Entries.Cancelled() };
        log.AddRange(Enumerable.Range(1, Decisions.UndoTries).Select(tried => Entries.Broke(Stage.DeployStaging, "undo-broken", tried)));
        var orders = new Orders(null!, Plans.Shipped, TimeProvider.System);
        Assert.Equal(Noon + Decisions.ParkedFor, orders.NextLook(Plan.Version1, log.Fold(), Noon, Array.Empty<Outage>()));
        Assert.IsType<Move.Undo>(Assert.Single(Plan.Version1.Decide(log.Fold(), Noon + Decisions.ParkedFor)));
        log.Add(Entries.Commanded(Command.Retry));
        Assert.IsType<Move.Undo>(Assert.Single(Plan.Version1.Decide(log.Fold(), Noon)));
    }

    private static DateTimeOffset At(double minutes) => Noon + TimeSpan.FromMinutes(minutes);

    private static DateTimeOffset Deadline(params (double From, double To)[] outages) =>
        Decisions.DeadlineOf(Noon, TimeSpan.FromMinutes(10), [.. outages.Select(outage => new Outage(At(outage.From), At(outage.To)))]);
}
