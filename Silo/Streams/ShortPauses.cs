using Orleans.Runtime.Providers;

namespace Maestro.Streams;

/// <summary>
/// After 100 ms and then twice as long each time, up to 5 s, a queue is read or a message is delivered again. Whoever died is replaced within a
/// second, and the stock pauses of several seconds would be most of a recovery.
/// </summary>
internal sealed class ShortPauses : IMessageDeliveryBackoffProvider, IQueueReaderBackoffProvider
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <param name="attempt">0 after the first failure.</param>
    public TimeSpan Next(int attempt) => First * Math.Min(1 << Math.Clamp(attempt, 0, 10), Longest / First);
}
