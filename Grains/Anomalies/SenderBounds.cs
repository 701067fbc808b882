namespace Maestro.Anomalies;

/// <summary>
/// What is anomalous whatever is usual, and how what is usual is learned. The defaults are far above what a silo can do by itself and far below
/// what would harm it.
/// </summary>
public sealed record SenderBounds
{
    /// <summary>How long a rate is counted over.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>How long failures are counted over.</summary>
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Beyond so many messages of one sender in a second, over one window, it is cut off.</summary>
    public int PerSecond { get; init; } = 2000;

    /// <summary>So many failed checks in a minute at one receiver are told.</summary>
    public int Failures { get; init; } = 3;

    /// <summary>
    /// So many failed checks in a minute are told as a flood. So many answers in a minute to what was never asked cut their sender off.
    /// </summary>
    public int FailuresLimit { get; init; } = 20;

    /// <summary>So many messages that came once more in a minute are told: after a silo's death some do by themselves.</summary>
    public int Replays { get; init; } = 100;

    /// <summary>Fewer messages than this in a window are never beyond what is usual.</summary>
    public int LeastRate { get; init; } = 300;

    /// <summary>No message up to this many bytes is beyond what is usual.</summary>
    public int LeastSize { get; init; } = 16 * 1024;

    /// <summary>Of so many windows with messages the rate is known.</summary>
    public int LeastWindows { get; init; } = 30;

    /// <summary>Of so many messages the size is known.</summary>
    public int LeastMessages { get; init; } = 200;

    /// <summary>What is usual grows at most by this factor a day, so that nobody can teach it anything quickly.</summary>
    public double DailyGrowth { get; init; } = 1.5;

    /// <summary>The hard limit of one window.</summary>
    public int PerWindow => (int)Math.Min(int.MaxValue, PerSecond * (long)Window.TotalSeconds);
}
