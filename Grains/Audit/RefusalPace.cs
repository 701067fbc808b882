using System.Collections.Immutable;

namespace Maestro.Audit;

/// <summary>What refusals are counted by: a flood of one kind must not hide another kind about the same subject.</summary>
public sealed record RefusalKey(string Subject, string Kind, string Code);

/// <summary>
/// How many refusals of one key the ledger takes: so many a minute, the rest are counted. Safe for many threads.
/// </summary>
public sealed class RefusalPace(TimeProvider time)
{
    public const int AMinute = 20;

    /// <summary>Beyond so many keys at once, all further subjects share one measure for each kind and code.</summary>
    private const int MaxKeys = 10_000;

    /// <summary>The subject of those that share.</summary>
    private const string Others = "others";

    public static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<RefusalKey, Count> _counts = [];

    /// <summary>How many were lost before this one; null where this one is lost too.</summary>
    public long? Take(RefusalKey about)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var key = KeyOf(about, now);
            var count = _counts.GetValueOrDefault(key, new(now, 0, 0));
            count = IsOver(count, now) ? count with { Since = now, Taken = 0 } : count;
            var takes = count.Taken < AMinute;
            _counts[key] = takes ? new(count.Since, count.Taken + 1, 0) : count with { Lost = count.Lost + 1 };
            return takes ? count.Lost : null;
        }
    }

    /// <summary>Counts so many as lost: the ledger did not take what it was to be told.</summary>
    public void GiveBack(RefusalKey about, long lost)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var key = KeyOf(about, now);
            var count = _counts.GetValueOrDefault(key, new(now, 0, 0));
            _counts[key] = count with { Lost = count.Lost + lost };
        }
    }

    /// <summary>The keys whose minute is over and of which some were lost.</summary>
    public ImmutableArray<RefusalKey> Untold()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return [.. _counts.Where(count => count.Value.Lost > 0 && IsOver(count.Value, now)).Select(count => count.Key)];
        }
    }

    /// <summary>How many were lost of this key, which from here on are told.</summary>
    public long TakeLost(RefusalKey key)
    {
        lock (_lock)
        {
            var count = _counts.GetValueOrDefault(key, new(time.GetUtcNow(), 0, 0));
            _counts[key] = count with { Lost = 0 };
            return count.Lost;
        }
    }

    private RefusalKey KeyOf(RefusalKey about, DateTimeOffset now) =>
        _counts.ContainsKey(about) || HasRoom(now) ? about : about with { Subject = Others };

    // What was lost is not forgotten before it is told.
    private bool HasRoom(DateTimeOffset now)
    {
        if (_counts.Count >= MaxKeys)
        {
            foreach (var (key, _) in _counts.Where(count => count.Value.Lost == 0 && IsOver(count.Value, now)).ToList())
            {
                _counts.Remove(key);
            }
        }
        return _counts.Count < MaxKeys;
    }

    private static bool IsOver(Count count, DateTimeOffset now) => now - count.Since >= Span;

    private readonly record struct Count(DateTimeOffset Since, int Taken, long Lost);
}
