using System.Globalization;

namespace Maestro.Screen;

/// <summary>Durations as people say them, in at most two units.</summary>
internal static class Duration
{
    /// <summary>Such as <c>12s</c>, <c>4m05s</c>, <c>3h20m</c> or <c>7d</c>; a negative one is <c>0s</c>.</summary>
    public static string Of(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 1 } => Invariant($"{(int)span.TotalSeconds}s"),
        { TotalHours: < 1 } => Invariant($"{(int)span.TotalMinutes}m{span.Seconds:00}s"),
        { TotalDays: < 2 } => Invariant($"{(int)span.TotalHours}h{span.Minutes:00}m"),
        _ => Invariant($"{(int)span.TotalDays}d"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
