using System.Collections.Concurrent;
using Maestro.Streams;

namespace Maestro.Messages;

/// <summary>What becomes of one message on its way into its queue.</summary>
internal enum Passage
{
    Passes,
    IsDropped,
    IsDoubled,
    IsDelayed,
    IsOvertaken,
}

/// <summary>
/// Drops, doubles, delays and reorders what is put into the queues between the agents: each message by the seed, its stream, and its place in
/// the stream.
/// </summary>
internal sealed class LossyQueues(int seed) : IIncomingGrainCallFilter
{
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(400);
    private readonly ConcurrentDictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Passage, int> _counts = new();
    private readonly ConcurrentDictionary<IQueueGrain, QueueMessage> _held = new();

    public bool AreLossy { get; set; }

    /// <summary>How often each happened.</summary>
    public IReadOnlyDictionary<Passage, int> Counts => _counts;

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (!AreLossy || context.InterfaceMethod?.Name != nameof(IQueueGrain.PutAsync) || context.Grain is not IQueueGrain queue
            || context.Request.GetArgument(0) is not QueueMessage message)
        {
            await context.Invoke();
            return;
        }
        // The publisher is told that the message was taken in, whatever becomes of it.
        context.Result = true;
        switch (Choose(message))
        {
            case Passage.IsDropped:
                break;
            case Passage.IsDelayed:
                _ = PutLaterAsync(queue, message);
                break;
            case Passage.IsOvertaken when _held.TryAdd(queue, message):
                _ = ReleaseLaterAsync(queue);
                break;
            case Passage.IsDoubled:
                await queue.PutAsync(message);
                await queue.PutAsync(message);
                break;
            default:
                await queue.PutAsync(message);
                await ReleaseAsync(queue);
                break;
        }
    }

    private Passage Choose(QueueMessage message)
    {
        var stream = message.StreamId.ToString();
        var place = _places.AddOrUpdate(stream, 1, (_, before) => before + 1);
        var passage = (Hash(FormattableString.Invariant($"{seed}/{stream}/{place}")) % 20) switch
        {
            < 3 => Passage.IsDropped,
            < 6 => Passage.IsDoubled,
            < 9 => Passage.IsDelayed,
            < 12 => Passage.IsOvertaken,
            _ => Passage.Passes,
        };
        _counts.AddOrUpdate(passage, 1, (_, before) => before + 1);
        return passage;
    }

    // Within the queue's own activation, as every put.
    private static async Task PutLaterAsync(IQueueGrain queue, QueueMessage message)
    {
        await Task.Delay(LongestHold / 2, TimeProvider.System);
        await queue.PutAsync(message);
    }

    private async Task ReleaseLaterAsync(IQueueGrain queue)
    {
        await Task.Delay(LongestHold, TimeProvider.System);
        await ReleaseAsync(queue);
    }

    private async Task ReleaseAsync(IQueueGrain queue)
    {
        if (_held.TryRemove(queue, out var message))
        {
            await queue.PutAsync(message);
        }
    }

    // The same in every run, unlike that of a string; mixed, so that neighbouring places differ.
    private static uint Hash(string text)
    {
        var hash = text.Aggregate(2166136261u, (sum, c) => (sum ^ c) * 16777619u);
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
