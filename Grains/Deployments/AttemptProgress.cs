using System.Collections.Immutable;

namespace Maestro.Deployments;

/// <summary>How one row of one attempt stands.</summary>
public enum RowState
{
    Started,
    Proved,
    Refused,
    Broke,
}

/// <summary>One row of one attempt, folded.</summary>
/// <param name="Order">The number of rows that had started before it; undo goes from the highest down.</param>
/// <param name="Quiet">Nobody is working on it any more: it was answered, or stopping it was given up.</param>
/// <param name="FailedUndos">How often undoing it broke since the last retry command.</param>
/// <param name="Restored">Undoing it really changed what was served.</param>
/// <param name="Within">How long this try may take, as was written down when it started.</param>
public sealed record RowProgress(
    Stage Stage, RowState State, int Try, int Order, DateTimeOffset StartedAt, Digest? Evidence, string? Code,
    bool Quiet, bool Undone, bool Restored, int FailedUndos, DateTimeOffset ChangedAt, TimeSpan Within)
{
    private const int LongestRestSeconds = 60;

    /// <summary>
    /// Until when what broke is left alone: a try for a second, doubling to a minute; on the way back an undo for as long, and one that broke
    /// too often for much longer.
    /// </summary>
    public DateTimeOffset RestsUntil(bool goesBack) => (goesBack, State) switch
    {
        (true, _) when FailedUndos >= Decisions.UndoTries => ChangedAt + Decisions.ParkedFor,
        (true, _) when FailedUndos > 0 => ChangedAt + Rest(FailedUndos),
        (false, RowState.Broke) => ChangedAt + Rest(Try),
        _ => DateTimeOffset.MinValue,
    };

    private static TimeSpan Rest(int times) => TimeSpan.FromSeconds(Math.Min(LongestRestSeconds, Math.Pow(2, Math.Min(times, 10) - 1)));
}

/// <summary>One attempt, folded from its entries.</summary>
/// <param name="BackCode">Why it goes back; null while it goes forward.</param>
/// <param name="BackSince">When it turned back.</param>
/// <param name="Reopened">It was closed, and a person asked for what it released to be rolled back.</param>
public sealed record AttemptProgress(
    int Attempt, int TableVersion, DateTimeOffset OpenedAt, string Head, string Base, string MergeTree, Digest Evidence,
    ImmutableDictionary<Stage, RowProgress> Rows, string? BackCode, DateTimeOffset? BackSince, string? Target, bool Reopened,
    Outcome? Outcome, string? ClosedCode)
{
    public bool IsClosed => Outcome is not null;

    public bool GoesBack => BackCode is not null;

    /// <summary>From here on a newer push waits until this attempt has run to its end.</summary>
    public bool TouchedProduction => Rows.ContainsKey(Stage.ProvisionProduction);

    /// <summary>From here on nothing is undone by itself.</summary>
    public bool IsSettled => Rows.TryGetValue(Stage.Watch, out var watch) && watch.State == RowState.Proved;

    public static AttemptProgress Of(LogEntry.AttemptOpened opened) => new(
        opened.Attempt, opened.TableVersion, opened.At, opened.Head, opened.Base, opened.MergeTree, opened.Evidence,
        ImmutableDictionary<Stage, RowProgress>.Empty, null, null, null, false, null, null);

    public bool Proved(Stage stage) => Rows.TryGetValue(stage, out var row) && row.State == RowState.Proved;

    public AttemptProgress With(LogEntry entry) => entry switch
    {
        LogEntry.Started started => this with { Rows = Rows.SetItem(started.Stage, Begun(started)) },
        LogEntry.Proved proved => Answered(proved.Stage, row => row with { State = RowState.Proved, Evidence = proved.Evidence, Quiet = true }, entry),
        LogEntry.Refused refused =>
            Back(Answered(refused.Stage, row => row with { State = RowState.Refused, Code = refused.Code, Quiet = true }, entry), refused),
        LogEntry.Broke broke => Answered(broke.Stage, row => AfterBreak(row, broke), entry),
        LogEntry.Undone undone => Answered(undone.Stage, row => row with { Undone = true, Restored = undone.Evidence is not null }, entry),
        LogEntry.Commanded { Command: Command.Abort } abort => TurnBack(Codes.Aborted, abort.At),
        LogEntry.CancelRequested cancel => TurnBack(cancel.Code, cancel.At),
        LogEntry.Commanded { Command: Command.RollBack } command => Reopen(command),
        LogEntry.Commanded { Command: Command.Retry } => this with { Rows = WithoutFailedUndos() },
        LogEntry.Closed closed => this with { Outcome = closed.Outcome, ClosedCode = closed.Code, Rows = OnlyRelease() },
        _ => this,
    };

    private RowProgress Begun(LogEntry.Started started)
    {
        var order = Rows.TryGetValue(started.Stage, out var before) ? before.Order : Rows.Count;
        return new(started.Stage, RowState.Started, started.Try, order, started.At, null, null, false, false, false, 0, started.At,
            started.Deadline - started.At);
    }

    private RowProgress AfterBreak(RowProgress row, LogEntry.Broke broke) => GoesBack && row.Quiet
        ? row with { FailedUndos = row.FailedUndos + 1, Code = broke.Code }
        : row with { State = RowState.Broke, Code = broke.Code, Quiet = broke.Code != Codes.Deadline };

    private AttemptProgress Answered(Stage stage, Func<RowProgress, RowProgress> change, LogEntry entry) =>
        Rows.TryGetValue(stage, out var row) ? this with { Rows = Rows.SetItem(stage, change(row) with { ChangedAt = entry.At }) } : this;

    // A refusal after production has settled ends the row only; what is live and watched stays.
    private static AttemptProgress Back(AttemptProgress attempt, LogEntry.Refused refused) =>
        attempt.IsSettled ? attempt : attempt.TurnBack(refused.Code, refused.At);

    private AttemptProgress TurnBack(string code, DateTimeOffset at) =>
        GoesBack ? this : this with { BackCode = code, BackSince = at };

    private AttemptProgress Reopen(LogEntry.Commanded command) => IsClosed
        ? this with
        {
            Reopened = true,
            Outcome = null,
            ClosedCode = null,
            BackCode = Codes.RolledBackByCommand,
            BackSince = command.At,
            Target = command.Target,
            Rows = Forget(Stage.Promote)
        }
        : this with
        {
            BackCode = BackCode ?? Codes.RolledBackByCommand,
            BackSince = BackSince ?? command.At,
            Target = command.Target,
            Rows = WithoutFailedUndos(),
        };

    private ImmutableDictionary<Stage, RowProgress> WithoutFailedUndos() =>
        Rows.ToImmutableDictionary(row => row.Key, row => row.Value with { FailedUndos = 0 });

    // All that a closed attempt may still be asked for is to roll its release back.
    private ImmutableDictionary<Stage, RowProgress> OnlyRelease() =>
        Rows.Where(row => row.Key is Stage.Promote or Stage.Watch).ToImmutableDictionary();

    private ImmutableDictionary<Stage, RowProgress> Forget(Stage stage) => Rows.TryGetValue(stage, out var row)
        ? Rows.SetItem(stage, row with { Undone = false, Restored = false, FailedUndos = 0 })
        : Rows;
}
