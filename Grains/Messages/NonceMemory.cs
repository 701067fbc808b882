namespace Maestro.Messages;

/// <summary>
/// Which nonces were used, each until its message has expired. In memory: what must outlive a silo is in an <see cref="Outside.INonceStore"/> too.
/// Safe for many threads.
/// </summary>
/// <param name="capacity">How many are remembered; a full memory takes no new one, because forgetting would admit a replay.</param>
/// <param name="isCache">
/// There is a store behind it that remembers everything: a full memory then leaves it to the store, so that no sender fills another's.
/// </param>
public sealed class NonceMemory(TimeProvider time, int capacity = 100_000, bool isCache = false)
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
            // Also those that were forgotten: they stay in line until they expire.
            if (_expiring.Count >= capacity)
            {
                return isCache && !_seen.Contains(nonce);
            }
            if (!_seen.Add(nonce))
            {
                return false;
            }
            _expiring.Enqueue(nonce, until);
            return true;
        }
    }

    /// <summary>Forgets the nonce of a message that was not used after all.</summary>
    public void Forget(string nonce)
    {
        lock (_lock)
        {
            _seen.Remove(nonce);
        }
    }
}
