using System.Collections.Immutable;

namespace Maestro.Anomalies;

/// <summary>What came from one sender to one receiver: the window that is open, and the failures of the minute before it.</summary>
/// <param name="Since">When the open window began.</param>
/// <param name="Open">All that came in it.</param>
/// <param name="Before">The windows of the last minute, oldest first.</param>
internal sealed record SenderWindow(DateTimeOffset Since, Tally Open, ImmutableArray<(DateTimeOffset Since, Tally Tally)> Before)
{
    public static SenderWindow Begin(string sender, DateTimeOffset now) => new(now, Tallies.Nothing(sender), []);

    /// <summary>With more that came in the open window.</summary>
    public SenderWindow With(Tally tally) => this with { Open = Open.Plus(tally) };

    /// <summary>Whether the open window is over; also where the clock went back, else it would stay open until that is made good.</summary>
    public bool IsOver(DateTimeOffset now) => now - Since >= SenderBounds.Window || now < Since;

    /// <summary>The next window.</summary>
    public SenderWindow Next(DateTimeOffset now) => new(
        now, Tallies.Nothing(Open.Sender), [.. Before.Add((Since, Open)).Where(window => now - window.Since < SenderBounds.Minute)]);

    /// <summary>All that came in the last minute.</summary>
    public Tally LastMinute(DateTimeOffset now) => Before.Where(window => now - window.Since < SenderBounds.Minute)
        .Aggregate(now - Since < SenderBounds.Minute ? Open : Tallies.Nothing(Open.Sender), (sum, window) => sum.Plus(window.Tally));

    /// <summary>What is anomalous in what came, by what is usual and by the bounds.</summary>
    public ImmutableArray<Anomaly> Judge(SenderHabit habit, SenderBounds bounds, DateTimeOffset now)
    {
        var minute = LastMinute(now);
        return
        [
            .. RateOf(habit, bounds), .. Beyond(AnomalyCodes.Size, habit.SizeBound(bounds) ?? double.MaxValue, Open.Largest),
            .. Beyond(AnomalyCodes.Origin, 0, Open.Strange),
            .. Reaching(AnomalyCodes.Order, 1, AnomalyCodes.OrderLimit, bounds.FailuresLimit, minute.Order),
            .. Reaching(AnomalyCodes.Failed, bounds.Failures, AnomalyCodes.FailedLimit, bounds.FailuresLimit, minute.Failed),
            .. Beyond(AnomalyCodes.Replayed, bounds.Replays, minute.Replayed),
        ];
    }

    /// <summary>What is usual after the open window: nothing of it is learned where anything in it was anomalous.</summary>
    public SenderHabit Teach(SenderHabit habit, SenderBounds bounds, DateTimeOffset now) =>
        habit.Learn(Judge(habit, bounds, now).IsEmpty ? Open : Tallies.Nothing(Open.Sender), DateOnly.FromDateTime(now.UtcDateTime), bounds);

    private IEnumerable<Anomaly> RateOf(SenderHabit habit, SenderBounds bounds) => Open.OverLimit || Open.Messages > bounds.PerWindow
        ? [new(AnomalyCodes.RateLimit, bounds.PerWindow, Math.Max(Open.Messages, bounds.PerWindow + 1.0))]
        : Beyond(AnomalyCodes.Rate, habit.RateBound(bounds) ?? double.MaxValue, Open.Messages);

    private static IEnumerable<Anomaly> Beyond(string code, double bound, double found) => found > bound ? [new(code, bound, found)] : [];

    private static IEnumerable<Anomaly> Reaching(string code, int told, string limitCode, int limit, int found) =>
        found >= limit ? [new(limitCode, limit, found)] : found >= told ? [new(code, told, found)] : [];
}
