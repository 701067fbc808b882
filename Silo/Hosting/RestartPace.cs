using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>
/// When a live release that keeps ending is started again: at once, after a second, doubling to five minutes. One that ran for a minute
/// begins anew. Only memory: after a restart of the silo the first start is at once.
/// </summary>
internal sealed class RestartPace(TimeProvider time)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    private readonly Dictionary<EnvironmentKey, (string Effect, DateTimeOffset At, TimeSpan Pause)> _started = [];

    /// <summary>Whether the release may be started now.</summary>
    public bool IsDue(EnvironmentKey environment, string effect) =>
        !_started.TryGetValue(environment, out var last) || last.Effect != effect || time.GetUtcNow() >= last.At + last.Pause;

    /// <summary>Notes that it is started now. True where it is the first time that it has to wait before the next.</summary>
    public bool Note(EnvironmentKey environment, string effect)
    {
        var again = _started.TryGetValue(environment, out var last) && last.Effect == effect;
        var rest = again ? TimeSpan.FromTicks(Math.Min(last.Pause.Ticks * 2, Longest.Ticks)) : First;
        _started[environment] = (effect, time.GetUtcNow(), rest);
        return again && last.Pause == First;
    }

    /// <summary>Notes that it runs. After a minute it is calm again.</summary>
    public void NoteRunning(EnvironmentKey environment)
    {
        if (_started.TryGetValue(environment, out var last) && time.GetUtcNow() >= last.At + Calm)
        {
            _started.Remove(environment);
        }
    }
}
