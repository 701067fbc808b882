using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Maestro.Streams;

/// <summary>
/// A queue adapter whose receiver waits on the queue instead of polling it: a message travels in about a millisecond and an idle silo does
/// nothing. The stock memory adapter takes 142 ms at its default pace, or a tenth of a core when it polls faster.
/// </summary>
internal sealed class WokenQueues(string name, IGrainFactory grains, ILoggerFactory loggers) : IQueueAdapterFactory, IQueueAdapter
{
    /// <summary>Fixed for ever: it decides which queue a stream is in.</summary>
    private const int Queues = 8;

    // A queue whose place in the directory died with a silo moves only when nobody waits on it, and every message to it waits meanwhile.
    internal static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);

    private readonly HashRingBasedStreamQueueMapper _mapper = new(new HashRingStreamQueueMapperOptions { TotalQueueCount = Queues }, name);
    private readonly SimpleQueueAdapterCache _cache = new(new SimpleQueueCacheOptions { CacheSize = 4096 }, name, loggers);

    public string Name => name;

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(this);

    public IQueueAdapterCache GetQueueAdapterCache() => _cache;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler());

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new Receiver(() => QueueOf(queueId));

    /// <exception cref="OutsideException">The queue is full, or nobody reads it.</exception>
    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        if (!await QueueOf(_mapper.GetQueueForStream(streamId)).PutAsync(new(streamId, [.. events.Cast<object>()])))
        {
            throw new OutsideException(new Reason("queue.full", "A queue between the agents is bounded, and somebody reads it.",
                $"a reader, and fewer than {QueueGrain.Capacity} messages that wait", "more, or no reader", "Nothing is lost; it is sent again by itself."));
        }
    }

    private IQueueGrain QueueOf(QueueId queue) => grains.GetGrain<IQueueGrain>($"queue/{name}/{queue.GetNumericId()}");

    // A silo that has just joined does not know yet who has queues. A receiver that is not made is not made again, one that fails reads again.
    private sealed class Receiver(Func<IQueueGrain> queue) : IQueueAdapterReceiver, IDisposable
    {
        private readonly Guid _self = Guid.NewGuid();
        private readonly CancellationTokenSource _stop = new();

        public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

        public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, _stop.Token);

        // The runtime's token ends the wait at once when the silo stops; the overload without it would hold the silo for the whole wait.
        public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
        {
            try
            {
                return [.. await queue().TakeAsync(_self, Math.Clamp(maxCount, 1, 256), Wait, cancellationToken)];
            }
            catch (OperationCanceledException)
            {
                return [];
            }
        }

        public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

        public async Task Shutdown(TimeSpan timeout)
        {
            await _stop.CancelAsync();
            Dispose();
        }

        public void Dispose() => _stop.Dispose();
    }
}
