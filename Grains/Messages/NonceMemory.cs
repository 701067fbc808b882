namespace Maestro.Messages;

/// <summary>
/// Which nonces were used, each until its message has expired. In memory: a message that outlives its silo is still held back by attempt,
/// stage and try. Safe for many threads.
/// </summary>
/// <param name="capacity">How many are remembered; a full memory takes no new one, because forgetting would admit a replay.</param>
public sealed class NonceMemory(TimeProvider time, int capacity = 100_000)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _expiring = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _seen.Count;
            }
        }
    }

    /// <summary>Remembers the nonce. False where it was used before, or where no room is left.</summary>
    /// <param name="until">From when on the message is refused for its age anyway.</param>
    public bool TryUse(string nonce, DateTimeOffset until)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            while (_expiring.TryPeek(out var oldest, out var expiry) && expiry < now)
            {
                _expiring.Dequeue();
                _seen.Remove(oldest);
            }
            if (_seen.Count >= capacity || !_seen.Add(nonce))
            {
                return false;
            }
            _expiring.Enqueue(nonce, until);
            return true;
        }
    }
}
