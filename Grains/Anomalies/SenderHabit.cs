using System.Collections.Immutable;

namespace Maestro.Anomalies;

/// <summary>
/// What is usual for one sender at one receiver: a running mean of its rate with its deviation, over windows in which it sent anything, and the
/// sizes of its messages. It learns nothing from what was flagged, and its bounds grow by no more than a factor a day.
/// </summary>
[GenerateSerializer, Immutable, Alias("maestro.sender-habit")]
internal sealed record SenderHabit
{
    /// <summary>The number of sizes: the last is from 512 KiB on, which no message has.</summary>
    public const int Places = 20;

    // Half of what is known is of the last 35 windows, and half of the sizes of the last 7,000 messages.
    private const double Share = 0.02;
    private const double SizesKept = 10_000;
    private const double Deviations = 6;
    private const double TypicalShare = 0.99;
    private const int BeyondTypical = 4;

    public static SenderHabit None { get; } = new();

    /// <summary>How many windows it is of.</summary>
    [Id(0)] public int Windows { get; init; }

    [Id(1)] public double Mean { get; init; }

    /// <summary>The running mean of the distance from the mean.</summary>
    [Id(2)] public double Deviation { get; init; }

    /// <summary>How many messages there were from 2^n bytes on, the older the less.</summary>
    [Id(3)] public ImmutableArray<double> Sizes { get; init; } = [.. new double[Places]];

    /// <summary>The day on which the bounds were last held fast.</summary>
    [Id(4)] public DateOnly Day { get; init; }

    /// <summary>The rate's bound at the beginning of that day; 0 while it is not known.</summary>
    [Id(5)] public double RateThen { get; init; }

    /// <summary>The size's bound at the beginning of that day; 0 while it is not known.</summary>
    [Id(6)] public double SizeThen { get; init; }

    /// <summary>The most messages in a window that are usual; null while there is too little to know it.</summary>
    public double? RateBound(SenderBounds bounds) => Windows < bounds.LeastWindows
        ? null
        : Held(Math.Max(bounds.LeastRate, Mean + (Deviations * Deviation)), RateThen, bounds);

    /// <summary>The largest size that is usual; null while there is too little to know it.</summary>
    public double? SizeBound(SenderBounds bounds)
    {
        var all = Sizes.Sum();
        if (all < bounds.LeastMessages)
        {
            return null;
        }
        var (below, place) = (0d, 0);
        while (place < Places - 1 && (below += Sizes[place]) < TypicalShare * all)
        {
            place++;
        }
        return Held(Math.Max(bounds.LeastSize, BeyondTypical * Math.Pow(2, place + 1)), SizeThen, bounds);
    }

    /// <summary>What a window without anomalies teaches.</summary>
    public SenderHabit Learn(Tally window, DateOnly day, SenderBounds bounds)
    {
        var held = Hold(day, bounds);
        if (window.Messages == 0)
        {
            return held;
        }
        var share = Math.Max(Share, 1.0 / (Windows + 1));
        var kept = Math.Min(1, SizesKept / Math.Max(1, Sizes.Sum()));
        var learned = held with
        {
            Windows = Math.Min(int.MaxValue - 1, Windows + 1),
            Mean = Mean + (share * (window.Messages - Mean)),
            Deviation = Deviation + (share * (Math.Abs(window.Messages - Mean) - Deviation)),
            Sizes = [.. Sizes.Select((size, place) => (size * kept) + window.Sizes[place])],
        };
        // The bound that becomes known today holds for today.
        return learned with
        {
            RateThen = learned.RateThen > 0 ? learned.RateThen : learned.RateBound(bounds) ?? 0,
            SizeThen = learned.SizeThen > 0 ? learned.SizeThen : learned.SizeBound(bounds) ?? 0,
        };
    }

    private SenderHabit Hold(DateOnly day, SenderBounds bounds) => day <= Day
        ? this
        : this with { Day = day, RateThen = RateBound(bounds) ?? 0, SizeThen = SizeBound(bounds) ?? 0 };

    private static double Held(double learned, double then, SenderBounds bounds) =>
        then > 0 ? Math.Min(learned, then * bounds.DailyGrowth) : learned;
}
