namespace Maestro.Audit;

/// <summary>How many refusals about one subject the ledger takes: so many a minute, the rest are counted. Safe for many threads.</summary>
internal sealed class RefusalPace(TimeProvider time)
{
    public const int AMinute = 20;

    /// <summary>Beyond so many subjects at once, all further ones share one measure.</summary>
    private const int MaxSubjects = 10_000;

    private const string Others = "";
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTimeOffset Since, int Taken, long Lost)> _subjects = new(StringComparer.Ordinal);

    /// <summary>How many were lost before this one; null where this one is lost too.</summary>
    public long? Take(string subject)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var name = _subjects.ContainsKey(subject) || HasRoom(now) ? subject : Others;
            var (since, taken, lost) = _subjects.TryGetValue(name, out var known) ? known : (now, 0, 0);
            if (now - since >= TimeSpan.FromMinutes(1))
            {
                (since, taken) = (now, 0);
            }
            if (taken >= AMinute)
            {
                _subjects[name] = (since, taken, lost + 1);
                return null;
            }
            _subjects[name] = (since, taken + 1, 0);
            return lost;
        }
    }

    private bool HasRoom(DateTimeOffset now)
    {
        if (_subjects.Count >= MaxSubjects)
        {
            foreach (var (name, _) in _subjects.Where(subject => now - subject.Value.Since >= TimeSpan.FromMinutes(1)).ToList())
            {
                _subjects.Remove(name);
            }
        }
        return _subjects.Count < MaxSubjects;
    }
}
