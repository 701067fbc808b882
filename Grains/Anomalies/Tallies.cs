using System.Collections.Immutable;
using System.Numerics;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Anomalies;

/// <summary>What can be done with tallies.</summary>
internal static class Tallies
{
    private static readonly ImmutableArray<int> NoSizes = [.. new int[SenderHabit.Places]];

    public static Tally Nothing(string sender) => new(sender, 0, NoSizes, 0, 0, 0, 0, 0, false, null);

    /// <summary>At which place of the sizes a message of so many bytes is counted.</summary>
    public static int PlaceOf(int bytes) => Math.Min(SenderHabit.Places - 1, BitOperations.Log2((uint)Math.Max(1, bytes)));

    /// <summary>Both together. A count that would be too large for a number stays at the largest.</summary>
    public static Tally Plus(this Tally one, Tally other) => new(
        one.Sender, Sum(one.Messages, other.Messages), [.. one.Sizes.Zip(other.Sizes, Sum)], Math.Max(one.Largest, other.Largest),
        Sum(one.Order, other.Order), Sum(one.Strange, other.Strange), Sum(one.Failed, other.Failed), Sum(one.Replayed, other.Replayed),
        one.OverLimit || other.OverLimit, other.Messages >= one.Messages ? other.Busiest ?? one.Busiest : one.Busiest ?? other.Busiest,
        Math.Max(one.Seconds, other.Seconds));

    /// <summary>
    /// Without its rate where it was counted over more than a window: a silo that could not report for a minute tells a minute's messages at
    /// once, and is no flood. Whether there was one in it the silo says itself.
    /// </summary>
    public static Tally Timely(this Tally tally) =>
        tally.Seconds <= SenderBounds.Window.TotalSeconds ? tally : tally with { Messages = 0, Sizes = NoSizes };

    public static bool IsEmpty(this Tally tally) =>
        tally is { Messages: 0, Order: 0, Strange: 0, Failed: 0, Replayed: 0, OverLimit: false };

    /// <summary>Whether a silo can have counted this: it comes from elsewhere.</summary>
    public static bool IsPossible(this Tally? tally) =>
        tally is { Messages: >= 0, Largest: >= 0, Order: >= 0, Strange: >= 0, Failed: >= 0, Replayed: >= 0, Sizes.IsDefault: false }
        && double.IsFinite(tally.Seconds) && tally.Sizes.Length == SenderHabit.Places && tally.Sizes.All(count => count >= 0) && IsSender(tally.Sender)
        && (tally.Busiest is null || DeploymentId.TryParse(tally.Busiest, out _));

    /// <summary>Whether this names one of the few senders there are.</summary>
    public static bool IsSender(string? name) => name is not null && (name == Tally.Unverified || Principal.RoleOf(name) is not null);

    private static int Sum(int one, int other) => (int)Math.Min(int.MaxValue, (long)one + other);
}
