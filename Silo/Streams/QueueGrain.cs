using Maestro.Identity;
using Maestro.Telemetry;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Providers.Streams.Common;

namespace Maestro.Streams;

/// <summary>One queue of messages between grains; the key is <c>queue/{provider}/{number}</c>.</summary>
[WithinCluster, Alias("maestro.IQueueGrain")]
internal interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>Takes a message in and wakes the receiver. False where the queue is full and the message is not taken in.</summary>
    [Alias("PutAsync")]
    Task<bool> PutAsync(QueueMessage message);

    /// <summary>Up to <paramref name="count"/> messages; where there is none, the first that comes within <paramref name="wait"/>.</summary>
    [Alias("TakeAsync")]
    Task<List<QueueMessage>> TakeAsync(int count, TimeSpan wait, CancellationToken cancellation = default);
}

/// <summary>
/// Holds messages in memory only: the deployments' log is the outbox, so a queue that dies with its silo loses nothing that is not asked again.
/// </summary>
[Reentrant, PreferLocalPlacement, ActsAs(Role.Control), GrainType("queue")]
internal sealed class QueueGrain(TimeProvider time) : Grain, IQueueGrain
{
    /// <summary>Beyond this nothing new is taken in, and the publisher is told: it publishes again later.</summary>
    internal const int Capacity = 10_000;

    private readonly Queue<QueueMessage> _messages = new();
    private long _sequence = time.GetUtcNow().UtcTicks;
    private TaskCompletionSource? _arrival;
    private IDisposable? _watched;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _watched = Queues.Watch("stream", Capacity, () => _messages.Count);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _watched?.Dispose();
        return Task.CompletedTask;
    }

    public Task<bool> PutAsync(QueueMessage message)
    {
        if (_messages.Count >= Capacity)
        {
            return Task.FromResult(false);
        }
        _messages.Enqueue(message with { Token = new EventSequenceTokenV2(++_sequence) });
        _arrival?.TrySetResult();
        return Task.FromResult(true);
    }

    public async Task<List<QueueMessage>> TakeAsync(int count, TimeSpan wait, CancellationToken cancellation = default)
    {
        if (_messages.Count == 0)
        {
            await WaitAsync(wait, cancellation);
        }
        var taken = new List<QueueMessage>();
        while (!cancellation.IsCancellationRequested && taken.Count < count && _messages.TryDequeue(out var message))
        {
            taken.Add(message);
        }
        return taken;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellation)
    {
        // A receiver that came later takes the place of one that may be gone.
        _arrival?.TrySetResult();
        var arrival = _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await arrival.Task.WaitAsync(wait, time, cancellation);
        }
        catch (Exception end) when (end is TimeoutException or OperationCanceledException)
        {
            // Nothing came, or the receiver stops: both mean an empty answer.
        }
        if (_arrival == arrival)
        {
            _arrival = null;
        }
    }
}
