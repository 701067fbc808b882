using System.Diagnostics;

namespace Maestro.Telemetry;

/// <summary>A write that knows in which span it was asked for.</summary>
public interface ITraced
{
    ActivityContext Asked { get; }
}

/// <summary>Tells of one group commit: how many writes, how long, and for whom.</summary>
public readonly struct Batches : IDisposable, IEquatable<Batches>
{
    private readonly string _database;
    private readonly long _began;
    private readonly Activity? _span;

    private Batches(string database, Activity? span) => (_database, _began, _span) = (database, Stopwatch.GetTimestamp(), span);

    /// <param name="database">sqlite or postgresql.</param>
    public static Batches Begin(string database, IReadOnlyCollection<ITraced> writes)
    {
        Instruments.BatchRows.Record(writes.Count, new KeyValuePair<string, object?>("database", database));
        return new(database, Traces.Source.HasListeners() ? Start(database, writes) : null);
    }

    public void Dispose()
    {
        Instruments.BatchDuration.Record(
            Stopwatch.GetElapsedTime(_began).TotalSeconds, new KeyValuePair<string, object?>("database", _database));
        _span?.Dispose();
    }

    public bool Equals(Batches other) => (_began, _span) == (other._began, other._span);

    public override bool Equals(object? obj) => obj is Batches other && Equals(other);

    public override int GetHashCode() => _began.GetHashCode();

    public static bool operator ==(Batches left, Batches right) => left.Equals(right);

    public static bool operator !=(Batches left, Batches right) => !left.Equals(right);

    // One commit serves many attempts, so it is a trace of its own that links to theirs.
    private static Activity? Start(string database, IReadOnlyCollection<ITraced> writes)
    {
        ActivityLink[] links = [.. writes.Where(write => write.Asked != default).Select(write => new ActivityLink(write.Asked))];
        return links.Length == 0 ? null : Traces.Source.StartActivity(Traces.Batch, ActivityKind.Client, default(ActivityContext), links: links)
            ?.SetTag("db.system.name", database).SetTag("maestro.rows", writes.Count);
    }
}
