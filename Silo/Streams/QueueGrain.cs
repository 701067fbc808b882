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
    /// <summary>Takes a message in and wakes the receiver. False where the queue is full or nobody reads it, and the message is not taken in.</summary>
    [Alias("PutAsync")]
    Task<bool> PutAsync(QueueMessage message);

    /// <summary>
    /// Up to <paramref name="count"/> messages; where there is none, the first that comes within <paramref name="wait"/>. What was handed to
    /// another receiver last may have ended with it, and is handed out once more.
    /// </summary>
    [Alias("TakeAsync")]
    Task<List<QueueMessage>> TakeAsync(Guid receiver, int count, TimeSpan wait, CancellationToken cancellation = default);
}

/// <summary>
/// Holds messages in memory only: the deployments' log is the outbox, so a queue that dies with its silo loses nothing that is not asked again.
/// While silos come and go one queue can exist twice, so that one is written and the other is read, for ever. Each lets itself go when it misses
/// the other side, and both sides meet at the one that the directory knows.
/// </summary>
[Reentrant, PreferLocalPlacement, ActsAs(Role.Control), GrainType("queue")]
internal sealed class QueueGrain(TimeProvider time) : Grain, IQueueGrain
{
    /// <summary>Beyond this nothing new is taken in, and the publisher is told: it publishes again later.</summary>
    internal const int Capacity = 10_000;

    // Longer than a call is waited for and a reader pauses: one that is only slow must find its messages here.
    private static readonly TimeSpan Lonely = TimeSpan.FromSeconds(20);

    private readonly Queue<QueueMessage> _messages = new();
    private readonly Queue<QueueMessage> _again = new();
    private List<QueueMessage> _handed = [];
    private Guid _receiver;
    private long _sequence;
    private long _written = time.GetTimestamp();
    private long _read = time.GetTimestamp();
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
        _written = time.GetTimestamp();
        if (_arrival is null && time.GetElapsedTime(_read) > Lonely)
        {
            DeactivateOnIdle();
            return Task.FromResult(false);
        }
        if (_messages.Count >= Capacity)
        {
            return Task.FromResult(false);
        }
        _messages.Enqueue(message);
        _arrival?.TrySetResult();
        return Task.FromResult(true);
    }

    public async Task<List<QueueMessage>> TakeAsync(Guid receiver, int count, TimeSpan wait, CancellationToken cancellation = default)
    {
        Settle(receiver);
        if (_messages.Count + _again.Count == 0)
        {
            await WaitAsync(wait, cancellation);
        }
        var taken = new List<QueueMessage>();
        while (!cancellation.IsCancellationRequested && receiver == _receiver && taken.Count < count
            && (_again.TryDequeue(out var message) || _messages.TryDequeue(out message)))
        {
            // In the order of handing out, also after a queue that lived before: a stream's cache takes nothing that is older than what it has.
            _sequence = Math.Max(_sequence + 1, time.GetUtcNow().UtcTicks);
            taken.Add(message with { Token = new EventSequenceTokenV2(_sequence) });
        }
        if (receiver == _receiver)
        {
            _handed = taken;
        }
        _read = time.GetTimestamp();
        if (_messages.Count + _again.Count + taken.Count == 0 && time.GetElapsedTime(_written) > Lonely)
        {
            DeactivateOnIdle();
        }
        return taken;
    }

    // Whoever asks again has got what it was handed. Another one has not, and gets it once more: twice, and two that quarrel would never end.
    private void Settle(Guid receiver)
    {
        if (receiver != _receiver)
        {
            _handed.Where(message => !message.IsAgain).ToList().ForEach(message => _again.Enqueue(message with { IsAgain = true }));
            _receiver = receiver;
        }
        _handed = [];
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
