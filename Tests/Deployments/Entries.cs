namespace Maestro.Deployments;

/// <summary>Entries as a log has them, all of one moment.</summary>
internal static class Entries
{
    public const string Actor = "role:control";

    public static Digest Evidence { get; } = Digest.Of("evidence"u8);

    public static DateTimeOffset Began { get; } = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static LogEntry Opened(int attempt = 1, int version = 1) => new LogEntry.AttemptOpened(
        attempt, Began, Actor, new string('a', 40), new string('b', 40), new string('c', 40), Evidence, version);

    public static LogEntry Started(Stage stage, int tried = 1, int attempt = 1) =>
        new LogEntry.Started(attempt, Began, Actor, stage, tried, Began + Plan.Version1[stage].LimitOf(null));

    public static LogEntry Proved(Stage stage, int tried = 1, int attempt = 1) =>
        new LogEntry.Proved(attempt, Began, Actor, stage, tried, Evidence);

    public static LogEntry Refused(Stage stage, int tried = 1, int attempt = 1) =>
        new LogEntry.Refused(attempt, Began, Actor, stage, tried, "no", null);

    public static LogEntry Broke(Stage stage, string code = "broken", int tried = 1, int attempt = 1) =>
        new LogEntry.Broke(attempt, Began, Actor, stage, tried, code, null);

    public static LogEntry Undone(Stage stage, Digest? restored = null, int attempt = 1) =>
        new LogEntry.Undone(attempt, Began, Actor, stage, restored);

    public static LogEntry Cancelled(string code = Codes.Superseded, int attempt = 1) =>
        new LogEntry.CancelRequested(attempt, Began, Actor, code);

    public static LogEntry Commanded(Command command, string? target = null, int attempt = 1) =>
        new LogEntry.Commanded(attempt, Began, Actor, command, target);

    public static LogEntry Closed(Outcome outcome = Outcome.Finished, string code = Codes.Done, int attempt = 1) =>
        new LogEntry.Closed(attempt, Began, Actor, outcome, code);

    /// <summary>A log in which these stages started and proved, in this order.</summary>
    public static IEnumerable<LogEntry> Done(params Stage[] stages) => [Opened(), .. stages.SelectMany(stage =>
        new[] { Started(stage), Proved(stage) })];

    /// <summary>A log in which the whole plan was proved.</summary>
    public static IEnumerable<LogEntry> AllDone() => Done([.. Plan.Version1.Rows.Select(row => row.Stage)]);

    public static Progress Fold(this IEnumerable<LogEntry> log) => Progress.Of(log);
}
