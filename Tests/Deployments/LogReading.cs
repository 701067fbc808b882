namespace Maestro.Deployments;

/// <summary>What a plain reading of the log says of one attempt, made without the fold that is under test.</summary>
internal sealed class LogReading
{
    private readonly List<LogEntry> _entries;

    public LogReading(IEnumerable<LogEntry> log, int attempt) => _entries = [.. log.Where(entry => entry.Attempt == attempt)];

    public bool IsClosed => _entries.Any(entry => entry is LogEntry.Closed);

    public bool GoesBack => _entries.Any(entry => entry is LogEntry.CancelRequested or LogEntry.Commanded { Command: Command.Abort })
        || _entries.TakeWhile(entry => entry is not LogEntry.Proved { Stage: Stage.Watch }).Any(entry => entry is LogEntry.Refused);

    public IEnumerable<Stage> InOrder => _entries.OfType<LogEntry.Started>().Select(started => started.Stage).Distinct();

    public int Tries(Stage stage) => _entries.OfType<LogEntry.Started>().Count(started => started.Stage == stage);

    public bool Proved(Stage stage) => _entries.Any(entry => entry is LogEntry.Proved proved && proved.Stage == stage);

    public bool Undone(Stage stage) => _entries.Any(entry => entry is LogEntry.Undone undone && undone.Stage == stage);

    /// <summary>It started, and nobody said since that the work has ended or was given up on the way back.</summary>
    public bool Runs(Stage stage)
    {
        var start = _entries.FindLastIndex(entry => entry is LogEntry.Started started && started.Stage == stage);
        return start >= 0 && !_entries.Skip(start).Any(entry => Ends(entry, stage));
    }

    /// <summary>The last try ended, or its time was over.</summary>
    public bool IsOver(Stage stage)
    {
        var start = _entries.FindLastIndex(entry => entry is LogEntry.Started started && started.Stage == stage);
        return start >= 0 && _entries.Skip(start).Any(entry =>
            Ends(entry, stage) || entry is LogEntry.Broke broke && broke.Stage == stage);
    }

    /// <summary>Two logs with the same key are the same to every rule that reads it.</summary>
    public string Key => string.Join(';', InOrder.Select(stage =>
        $"{stage},{Tries(stage)},{Proved(stage)},{Undone(stage)},{Runs(stage)},{IsOver(stage)}").Append($"{IsClosed},{GoesBack},{_entries.Count > 0}"));

    private static bool Ends(LogEntry entry, Stage stage) => entry switch
    {
        LogEntry.Proved proved => proved.Stage == stage,
        LogEntry.Refused refused => refused.Stage == stage,
        LogEntry.Broke broke => broke.Stage == stage && broke.Code != Codes.Deadline,
        _ => false,
    };
}
