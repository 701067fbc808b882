using System.Diagnostics.Metrics;

namespace Maestro.Telemetry;

/// <summary>What a gauge shows: nothing until somebody sets it, and nothing again once nobody knows. Safe for many threads.</summary>
public sealed class Level
{
    private static readonly Func<IReadOnlyList<Measurement<double>>> Nothing = () => [];
    private Func<IReadOnlyList<Measurement<double>>> _read = Nothing;

    public void Set(params IReadOnlyList<Measurement<double>> now) => Volatile.Write(ref _read, () => now);

    public void Set(double now) => Set(new Measurement<double>(now));

    /// <summary>From now on it is asked for whenever somebody looks.</summary>
    public void Follow(Func<IReadOnlyList<Measurement<double>>> read) => Volatile.Write(ref _read, read);

    public void Clear() => Volatile.Write(ref _read, Nothing);

    internal IEnumerable<Measurement<double>> Read() => Volatile.Read(ref _read)();
}
