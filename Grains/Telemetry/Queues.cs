using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Maestro.Telemetry;

/// <summary>The bounded queues of this process. They are looked at only when somebody reads the metrics.</summary>
public static class Queues
{
    private static readonly ConcurrentDictionary<Watched, byte> All = new();

    static Queues()
    {
        Instruments.QueueLength.Follow(() => Read(queues => queues.Sum(queue => queue.Length())));
        Instruments.QueueFill.Follow(() => Read(queues => queues.Max(queue => (double)queue.Length() / queue.Capacity)));
    }

    /// <summary>Shows this queue until what is returned is disposed.</summary>
    /// <param name="name">One of a few; queues of one name are shown together.</param>
    public static IDisposable Watch(string name, int capacity, Func<int> length)
    {
        var watched = new Watched(name, capacity, length);
        All.TryAdd(watched, 0);
        return watched;
    }

    private static List<Measurement<double>> Read(Func<IEnumerable<Watched>, double> of) =>
        [.. All.Keys.GroupBy(queue => queue.Name, (name, queues) => new Measurement<double>(of(queues), new KeyValuePair<string, object?>("queue", name)))];

    private sealed class Watched(string name, int capacity, Func<int> length) : IDisposable
    {
        public string Name => name;

        public int Capacity => capacity;

        public Func<int> Length => length;

        public void Dispose() => All.TryRemove(this, out _);
    }
}
