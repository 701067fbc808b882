using System.Threading.Channels;
using Maestro.Telemetry;

namespace Maestro.Storage;

/// <summary>
/// A bounded queue whose writes are taken in batches: always what came while the batch before was being written, in the order in which it
/// came, and never waiting for more to come. Two writes with one key are never in one batch: the second may depend on the first.
/// </summary>
internal sealed class BatchQueue<T> : IAsyncDisposable
{
    private readonly Channel<T> _queue;
    private readonly int _rows;
    private readonly Func<T, string> _key;
    private readonly Func<IReadOnlyList<T>, Task> _write;
    private readonly Task _running;
    private readonly IDisposable _watched;

    /// <param name="name">How the metrics name it, one of a few.</param>
    /// <param name="waiting">How many may wait.</param>
    /// <param name="rows">How many are written at once.</param>
    /// <param name="write">Writes a batch and answers each of its callers; it must not throw.</param>
    public BatchQueue(string name, int waiting, int rows, Func<T, string> key, Func<IReadOnlyList<T>, Task> write)
    {
        (_rows, _key, _write) = (rows, key, write);
        _queue = Channel.CreateBounded<T>(new BoundedChannelOptions(waiting) { SingleReader = true });
        _watched = Queues.Watch(name, waiting, () => _queue.Reader.Count);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Puts the write into the queue and waits for a place where it is full.</summary>
    /// <exception cref="Outside.OutsideException">The queue is closed.</exception>
    public async Task PutAsync(T write, CancellationToken cancellation)
    {
        try
        {
            await _queue.Writer.WriteAsync(write, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw StorageFailure.Closed();
        }
    }

    /// <summary>False where the queue is full or closed.</summary>
    public bool TryPut(T write) => _queue.Writer.TryWrite(write);

    /// <summary>Takes nothing more, and waits until all that was taken is written.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _running;
        _watched.Dispose();
    }

    /// <summary>Halves, in order, so that what is beside a bad row is written and it alone fails.</summary>
    public static async Task DivideAsync(IReadOnlyList<T> batch, Func<IReadOnlyList<T>, Task> write)
    {
        await write([.. batch.Take(batch.Count / 2)]);
        await write([.. batch.Skip(batch.Count / 2)]);
    }

    private async Task RunAsync()
    {
        var (batch, keys, later) = (new List<T>(_rows), new HashSet<string>(StringComparer.Ordinal), new Queue<T>());
        while (later.Count > 0 || await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            keys.Clear();
            for (var left = later.Count; left > 0; left--)
            {
                Take(later.Dequeue());
            }
            while (batch.Count < _rows && later.Count < _rows && _queue.Reader.TryRead(out var write))
            {
                Take(write);
            }
            await _write([.. batch]);
        }

        void Take(T write)
        {
            if (keys.Add(_key(write)))
            {
                batch.Add(write);
            }
            else
            {
                later.Enqueue(write);
            }
        }
    }
}
