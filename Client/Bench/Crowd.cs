using System.Diagnostics;

namespace Maestro.Bench;

/// <summary>Many who do the same thing, each again as soon as it is done, for a time.</summary>
internal static class Crowd
{
    /// <param name="act">What number so-and-so does once.</param>
    public static async Task<Pace> RunAsync(int count, TimeSpan time, Func<int, Task> act, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var took = await Task.WhenAll(Enumerable.Range(0, count).Select(one => Task.Run(
            async () =>
            {
                var mine = new List<double>();
                while (Stopwatch.GetElapsedTime(started) < time)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var begun = Stopwatch.GetTimestamp();
                    await act(one);
                    mine.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                }
                return mine;
            },
            cancellation)));
        return Pace.Of([.. took.SelectMany(times => times)], Stopwatch.GetElapsedTime(started));
    }
}

/// <summary>Things that are begun at a steady pace, whether the ones before are done or not.</summary>
internal static class Stride
{
    public static async Task<Pace> RunAsync(int perSecond, TimeSpan time, TimeProvider clock, Func<Task> act, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var under = new List<Task<double>>();
        while (Stopwatch.GetElapsedTime(started) is var passed && passed < time)
        {
            for (var due = (int)(passed.TotalSeconds * perSecond); under.Count < due;)
            {
                under.Add(TimeAsync(act));
            }
            await Task.Delay(TimeSpan.FromMilliseconds(1), clock, cancellation);
        }
        return Pace.Of(await Task.WhenAll(under), Stopwatch.GetElapsedTime(started));
    }

    private static async Task<double> TimeAsync(Func<Task> act)
    {
        var begun = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}

/// <summary>How fast a crowd was.</summary>
/// <param name="PerSecond">Things done a second.</param>
/// <param name="P50">Half of them took at most so many milliseconds.</param>
internal sealed record Pace(double PerSecond, double P50, double P99)
{
    public static Pace Of(double[] milliseconds, TimeSpan time)
    {
        Array.Sort(milliseconds);
        return new(milliseconds.Length / time.TotalSeconds, At(milliseconds, 0.5), At(milliseconds, 0.99));
    }

    /// <summary>The middle one of several rounds, by each figure for itself.</summary>
    public static Pace Middle(IReadOnlyCollection<Pace> rounds) => new(
        Middle(rounds.Select(round => round.PerSecond)), Middle(rounds.Select(round => round.P50)), Middle(rounds.Select(round => round.P99)));

    public static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    public static double At(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
