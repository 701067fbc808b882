namespace Maestro.Bench;

/// <summary>One figure, beside the yardstick of the same run.</summary>
/// <param name="Name">Such as <c>steps/64</c>.</param>
/// <param name="Unit">Of the value and of the yardstick.</param>
/// <param name="Asked">What it should reach; null where it is only reported.</param>
internal sealed record Measurement(string Name, double Value, string Unit, Yardstick? Yardstick = null, Asked? Asked = null)
{
    /// <summary>How many times the yardstick; null without one.</summary>
    public double? Ratio => Yardstick is { Value: > 0 } yardstick ? Value / yardstick.Value : null;

    /// <summary>Whether it reaches what is asked; null where nothing is.</summary>
    public bool? Reached => Asked?.IsReached(Asked.OfRatio ? Ratio ?? double.NaN : Value);

    /// <summary>The machine's load over the last minute, when it was measured.</summary>
    public double Load { get; } = MachineLoad.Now();

    public string Line()
    {
        var beside = Yardstick is null ? "" : FormattableString.Invariant($"  {Ratio:0.00} x {Yardstick.Name} ({Yardstick.Value:#,0.##})");
        var asked = Asked is null ? "" : $"  {(Reached == true ? "reached" : "MISSED")}: {Asked}";
        return FormattableString.Invariant($"{Name,-28} {Value,12:#,0.##} {Unit,-9}{beside}{asked}");
    }
}

/// <summary>What a figure is compared with, measured in the same run on the same machine.</summary>
internal sealed record Yardstick(string Name, double Value);

/// <summary>What a figure should reach.</summary>
/// <param name="OfRatio">It is the ratio to the yardstick that counts, else the value.</param>
/// <param name="AtLeast">More is better, else less.</param>
internal sealed record Asked(bool OfRatio, bool AtLeast, double Limit)
{
    public static Asked Times(double limit) => new(OfRatio: true, AtLeast: true, limit);

    public static Asked AtMostTimes(double limit) => new(OfRatio: true, AtLeast: false, limit);

    public static Asked Least(double limit) => new(OfRatio: false, AtLeast: true, limit);

    public static Asked Most(double limit) => new(OfRatio: false, AtLeast: false, limit);

    public bool IsReached(double found) => AtLeast ? found >= Limit : found <= Limit;

    public override string ToString() =>
        FormattableString.Invariant($"at {(AtLeast ? "least" : "most")} {Limit:#,0.##}{(OfRatio ? " x" : "")}");
}

internal static class MachineLoad
{
    public static double Now() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
