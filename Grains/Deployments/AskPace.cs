using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>
/// When an unanswered question is put again: after 1 s, doubling to 30 s. Where a silo died it is put again at once, and then after 250 ms and
/// so on. Only memory: after a restart the first look asks at once.
/// </summary>
public sealed class AskPace(Deaths? deaths = null)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstInHaste = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (DateTimeOffset NextAt, TimeSpan Pause)> _asked = [];
    private int _deaths = deaths?.Count ?? 0;

    /// <summary>Whether the question is due; if so it is noted as put now.</summary>
    public bool IsDue(string question, DateTimeOffset now)
    {
        if (deaths is { Count: var count } && count != _deaths)
        {
            // The question, the one who was asked or the answer may have been on that silo; whoever is well only hears it twice.
            _deaths = count;
            Clear();
        }
        if (_asked.TryGetValue(question, out var asked) && now < asked.NextAt)
        {
            return false;
        }
        var pause = Longer(asked.Pause);
        _asked[question] = (now + pause, pause);
        return true;
    }

    private TimeSpan Longer(TimeSpan pause) => pause != default ? TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Longest.Ticks))
        : deaths is { InHaste: true } ? FirstInHaste : First;

    /// <summary>The one who was asked has written the question down and will answer by itself: nothing is put again before this time.</summary>
    public void Quiet(string question, DateTimeOffset until) => _asked[question] = (until, Longest);

    /// <summary>The earliest time at which a question among these is due.</summary>
    public DateTimeOffset? NextAt(IEnumerable<string> questions) =>
        questions.Select(question => _asked.TryGetValue(question, out var asked) ? asked.NextAt : (DateTimeOffset?)null).Min();

    /// <summary>Forgets what was asked: everything is asked again.</summary>
    public void Clear() => _asked.Clear();

    /// <summary>Forgets all questions but these, so that memory does not grow with a deployment's age.</summary>
    public void Keep(IReadOnlySet<string> questions)
    {
        foreach (var question in _asked.Keys.Where(question => !questions.Contains(question)).ToList())
        {
            _asked.Remove(question);
        }
    }
}
