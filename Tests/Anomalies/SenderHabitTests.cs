using System.Collections.Immutable;

namespace Maestro.Anomalies;

/// <summary>What is usual: what it takes to know it, and that nobody teaches it anything bad.</summary>
public sealed class SenderHabitTests
{
    private static readonly SenderBounds Bounds = new();
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_is_beyond_what_is_usual_before_enough_was_seen()
    {
        var habit = After(Bounds.LeastWindows - 1, messages: 400);
        Assert.Null(habit.RateBound(Bounds));
        Assert.DoesNotContain(AnomalyCodes.Rate, Judge(habit, Window(19_000)));
        Assert.NotNull(After(Bounds.LeastWindows, messages: 400).RateBound(Bounds));
        Assert.Null(After(10, messages: 10).SizeBound(Bounds));
    }

    [Fact]
    public void A_rate_far_beyond_the_usual_one_is_told_and_a_busy_hour_is_not()
    {
        var habit = SenderHabit.None;
        foreach (var messages in Enumerable.Range(0, 200).Select(number => 350 + (number * 37 % 100)))
        {
            habit = habit.Learn(Window(messages), Day(0), Bounds);
        }
        Assert.InRange(habit.RateBound(Bounds)!.Value, 450, 700);
        Assert.Empty(Judge(habit, Window(440)));
        Assert.Equal([AnomalyCodes.Rate], Judge(habit, Window(1000)));
    }

    [Fact]
    public void A_quiet_sender_may_send_more_than_usual_as_long_as_it_is_little() =>
        Assert.Equal((true, false), (Judge(After(100, 2), Window(300)).IsEmpty, Judge(After(100, 2), Window(301)).IsEmpty));

    [Fact]
    public void A_larger_message_than_usual_is_told()
    {
        var habit = After(50, messages: 10, bytes: 1500);
        Assert.Equal(16 * 1024, habit.SizeBound(Bounds));
        Assert.Empty(Judge(habit, Window(1, 16 * 1024)));
        Assert.Equal([AnomalyCodes.Size], Judge(habit, Window(1, 100_000)));
        Assert.Equal(4 * 65536, After(50, messages: 10, bytes: 40_000).SizeBound(Bounds));
    }

    [Fact]
    public void Nothing_is_learned_of_what_was_flagged_and_were_it_learned_the_flood_would_become_usual()
    {
        var habit = After(100, messages: 400);
        var (careful, credulous) = (habit, habit);
        for (var window = 0; window < 500; window++)
        {
            var flood = SenderWindow.Begin("role:review", Noon).With(Window(15_000));
            careful = flood.Teach(careful, Bounds, Noon);
            // The control replaced: everything teaches, and the bound is not held.
            credulous = credulous.Learn(Window(15_000), Day(window), Bounds with { DailyGrowth = double.MaxValue });
        }
        Assert.Equal(habit.RateBound(Bounds), careful.RateBound(Bounds));
        Assert.DoesNotContain(AnomalyCodes.Rate, Judge(credulous, Window(15_000), Bounds with { DailyGrowth = double.MaxValue }));
        Assert.Contains(AnomalyCodes.Rate, Judge(careful, Window(15_000)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Whoever_stays_just_below_the_bound_raises_it_by_no_more_than_a_factor_a_day(int days)
    {
        Assert.InRange(Poisoned(days, Bounds), 1, Math.Pow(Bounds.DailyGrowth, days + 1) + 0.01);
        // The control replaced: the bound grows as fast as it is taught.
        Assert.True(Poisoned(days, Bounds with { DailyGrowth = double.MaxValue }) > 100 * Math.Pow(Bounds.DailyGrowth, days + 1));
    }

    [Fact]
    public void The_bound_of_a_size_is_held_for_the_day_too()
    {
        var habit = After(100, messages: 10, bytes: 10_000);
        var before = habit.SizeBound(Bounds)!.Value;
        for (var window = 0; window < 5000; window++)
        {
            habit = habit.Learn(Window(100, (int)before), Day(0), Bounds);
        }
        Assert.Equal(before * Bounds.DailyGrowth, habit.SizeBound(Bounds)!.Value, 1);
    }

    [Fact]
    public void Windows_without_messages_teach_nothing()
    {
        var habit = After(100, messages: 400);
        var later = Enumerable.Range(0, 1000).Aggregate(habit, (known, _) => known.Learn(Tallies.Nothing("role:review"), Day(0), Bounds));
        Assert.Equal(habit.RateBound(Bounds), later.RateBound(Bounds));
    }

    [Fact]
    public void What_is_remembered_does_not_grow()
    {
        var habit = After(20_000, messages: 1000);
        Assert.Equal(SenderHabit.Places, habit.Sizes.Length);
        Assert.InRange(habit.Sizes.Sum(), 1, 12_000);
    }

    private static double Poisoned(int days, SenderBounds bounds)
    {
        var habit = After(100, messages: 400);
        var before = habit.RateBound(bounds)!.Value;
        for (var window = 0; window < days * 2000; window++)
        {
            // A window with as much as just passes, and a small one, so that the deviation grows too.
            var most = (int)Math.Min(int.MaxValue / 4, habit.RateBound(bounds)!.Value);
            habit = habit.Learn(Window(window % 2 == 0 ? most : 1), Day(window / 2000), bounds);
        }
        return habit.RateBound(bounds)!.Value / before;
    }

    private static SenderHabit After(int windows, int messages, int bytes = 1000) => Enumerable.Range(0, windows)
        .Aggregate(SenderHabit.None, (habit, _) => habit.Learn(Window(messages, bytes), Day(0), Bounds));

    private static DateOnly Day(int number) => DateOnly.FromDateTime(Noon.UtcDateTime).AddDays(number);

    private static ImmutableArray<string> Judge(SenderHabit habit, Tally tally, SenderBounds? bounds = null) =>
        [.. SenderWindow.Begin(tally.Sender, Noon).With(tally).Judge(habit, bounds ?? Bounds, Noon).Select(anomaly => anomaly.Code)];

    private static Tally Window(int messages, int bytes = 1000)
    {
        var nothing = Tallies.Nothing("role:review");
        return nothing with { Messages = messages, Largest = bytes, Sizes = nothing.Sizes.SetItem(Tallies.PlaceOf(bytes), messages) };
    }
}
