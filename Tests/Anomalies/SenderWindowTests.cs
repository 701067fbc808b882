using System.Collections.Immutable;

namespace Maestro.Anomalies;

/// <summary>What is anomalous whatever is usual.</summary>
public sealed class SenderWindowTests
{
    private static readonly SenderBounds Bounds = new();
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Tally Nothing = Tallies.Nothing("role:review");

    public static TheoryData<string?, Tally> Kinds => new()
    {
        { null, Nothing with { Messages = Bounds.PerWindow } },
        { AnomalyCodes.RateLimit, Nothing with { Messages = Bounds.PerWindow + 1 } },
        { AnomalyCodes.RateLimit, Nothing with { OverLimit = true } },
        { AnomalyCodes.Order, Nothing with { Order = 1 } },
        { AnomalyCodes.Order, Nothing with { Order = 19 } },
        { AnomalyCodes.OrderLimit, Nothing with { Order = 20 } },
        { AnomalyCodes.Origin, Nothing with { Strange = 1 } },
        { null, Nothing with { Failed = 2 } },
        { AnomalyCodes.Failed, Nothing with { Failed = 3 } },
        { AnomalyCodes.Failed, Nothing with { Failed = 19 } },
        { AnomalyCodes.FailedLimit, Nothing with { Failed = 20 } },
        { null, Nothing with { Replayed = 100 } },
        { AnomalyCodes.Replayed, Nothing with { Replayed = 101 } },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_is_told_from_its_bound_on(string? code, Tally tally) =>
        Assert.Equal(code is null ? [] : [code], Judge(SenderWindow.Begin("role:review", Noon).With(tally), Noon));

    [Fact]
    public void Failures_add_up_over_a_minute_and_then_are_forgotten()
    {
        var window = SenderWindow.Begin(Tally.Unverified, Noon).With(Nothing with { Failed = 2 }).Next(Noon.AddSeconds(10)).With(Nothing with { Failed = 1 });
        Assert.Equal([AnomalyCodes.Failed], Judge(window, Noon.AddSeconds(10)));
        Assert.Empty(Judge(window, Noon.AddSeconds(61)));
        Assert.Empty(Judge(window, Noon.AddHours(1)));
    }

    [Fact]
    public void A_rate_is_of_one_window_and_a_window_ends()
    {
        var window = SenderWindow.Begin("role:review", Noon).With(Nothing with { Messages = Bounds.PerWindow });
        Assert.False(window.IsOver(Noon.AddSeconds(9)));
        Assert.True(window.IsOver(Noon.AddSeconds(10)));
        Assert.Empty(Judge(window.Next(Noon.AddSeconds(10)).With(Nothing with { Messages = Bounds.PerWindow }), Noon.AddSeconds(10)));
    }

    [Fact]
    public void A_clock_that_went_back_ends_the_window() => Assert.True(SenderWindow.Begin("role:review", Noon).IsOver(Noon.AddHours(-1)));

    [Fact]
    public void What_a_silo_could_not_report_for_a_minute_is_no_flood_and_counted_as_one_it_would_be()
    {
        var late = Nothing with { Messages = Bounds.PerWindow + 1, Seconds = 60, Order = 1 };
        Assert.Equal([AnomalyCodes.Order], Judge(SenderWindow.Begin("role:review", Noon).With(late.Timely()), Noon));
        Assert.Contains(AnomalyCodes.RateLimit, Judge(SenderWindow.Begin("role:review", Noon).With((late with { Seconds = 1 }).Timely()), Noon));
        Assert.Contains(AnomalyCodes.RateLimit, Judge(SenderWindow.Begin("role:review", Noon).With((late with { OverLimit = true }).Timely()), Noon));
    }

    [Fact]
    public void Only_what_its_own_key_signed_cuts_a_sender_off() => Assert.Equal(
        [AnomalyCodes.OrderLimit, AnomalyCodes.RateLimit],
        AnomalyCodes.All.Where(code => new Anomaly(code, 0, 1).CutsOff).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_kind_has_words() => Assert.All(AnomalyCodes.All, code =>
        Assert.EndsWith(".", AnomalyCodes.RuleOf(code), StringComparison.Ordinal));

    [Theory]
    [InlineData("role:review", true)]
    [InlineData("unverified", true)]
    [InlineData("ada", false)]
    [InlineData("role:review role:control", false)]
    public void A_report_names_senders_that_there_are(string sender, bool possible) =>
        Assert.Equal(possible, (Nothing with { Sender = sender }).IsPossible());

    [Fact]
    public void A_report_with_impossible_counts_is_none()
    {
        Assert.False((Nothing with { Messages = -1 }).IsPossible());
        Assert.False((Nothing with { Sizes = default }).IsPossible());
        Assert.False((Nothing with { Sizes = [1] }).IsPossible());
        Assert.False((Nothing with { Seconds = double.NaN }).IsPossible());
        Assert.False((Nothing with { Busiest = "not a deployment" }).IsPossible());
        Assert.False(((Tally?)null).IsPossible());
        var most = Nothing with { Messages = int.MaxValue, Sizes = Nothing.Sizes.SetItem(3, int.MaxValue) };
        Assert.Equal(int.MaxValue, most.Plus(most).Messages);
    }

    private static ImmutableArray<string> Judge(SenderWindow window, DateTimeOffset now) =>
        [.. window.Judge(SenderHabit.None, Bounds, now).Select(anomaly => anomaly.Code)];
}
