using System.Collections.Immutable;

namespace Maestro.Audit;

/// <summary>How often each name occurred. After so many different ones the rest counts as one, so that nobody can fill the memory with names.</summary>
internal sealed class Tally
{
    public const string Others = "others";

    private const int Most = 10_000;
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Add(string name, long count = 1)
    {
        var key = _counts.ContainsKey(name) || _counts.Count < Most ? name : Others;
        _counts[key] = _counts.GetValueOrDefault(key) + count;
    }

    /// <summary>The most frequent first.</summary>
    public ImmutableArray<Counted> Top(int count) =>
    [
        .. _counts.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Take(count)
            .Select(one => new Counted(one.Key, one.Value)),
    ];
}

/// <summary>A name and how often it occurred.</summary>
internal sealed record Counted(string Name, long Count);
