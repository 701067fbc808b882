using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Simulation;

/// <summary>How the world answers a question in the simulation.</summary>
internal enum Fate
{
    Proves,
    Refuses,
    Breaks,
    Silent,
}

/// <summary>The outside as the targets themselves remember it: what was done under which name, and what was taken back.</summary>
internal sealed class SimulatedWorld
{
    private readonly Dictionary<string, int> _done = [];
    private readonly HashSet<string> _standing = [];

    /// <summary>Every effect and undo in the order in which it really happened.</summary>
    public List<string> Journal { get; } = [];

    /// <summary>Effects that stand and were not taken back.</summary>
    public IReadOnlySet<string> Standing => _standing;

    /// <summary>How often the effect of this name really happened.</summary>
    public int Times(string effect) => _done.GetValueOrDefault(effect);

    /// <summary>Look, then act: an effect that is there already is found.</summary>
    public void Act(string effect)
    {
        if (_done.ContainsKey(effect))
        {
            return;
        }
        ActBlindly(effect);
    }

    /// <summary>Acts without looking; a stage that did this would double effects.</summary>
    public void ActBlindly(string effect)
    {
        _done[effect] = Times(effect) + 1;
        _standing.Add(effect);
        Journal.Add($"do {effect}");
    }

    /// <summary>Undoing what is not there is success.</summary>
    public void Undo(string effect)
    {
        if (_standing.Remove(effect))
        {
            Journal.Add($"undo {effect}");
        }
    }
}

/// <summary>
/// A deployment as its grain drives it, without Orleans: the same plan, the same decision, a log that survives and a memory that does not.
/// It dies where it is told to and starts again from the log.
/// </summary>
internal sealed class SimulatedDeployment(Plan plan, SimulatedWorld world, Func<Stage, int, Fate> fates)
{
    private static readonly Digest Evidence = Digest.Of("evidence"u8);
    private int _steps;
    private Progress _progress = Progress.Empty;

    public List<LogEntry> Log { get; } = [];

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch;

    /// <summary>The steps at which the process dies; each step is one line between which anything may happen.</summary>
    public ISet<int> Deaths { get; init; } = new HashSet<int>();

    /// <summary>How often each question is put; more than once is what waiting looks like.</summary>
    public int AsksPerQuestion { get; init; } = 1;

    /// <summary>How often an undo breaks before it succeeds.</summary>
    public int BrokenUndos { get; init; }

    /// <summary>How often an undo is carried out before its answer is recorded.</summary>
    public int UndosPerAnswer { get; init; } = 1;

    /// <summary>Whether a stage looks before it acts.</summary>
    public bool Looks { get; init; } = true;

    /// <summary>What happens from outside before this step: a push, an abort.</summary>
    public Dictionary<int, LogEntry> Interventions { get; } = [];

    public int Steps => _steps;

    public Outcome? Ended => _progress.Newest?.Outcome;

    public Progress Progress => _progress;

    /// <summary>Runs until nothing is open.</summary>
    public SimulatedDeployment Run(int maxSteps = 5000) => Go(Opened(1), maxSteps);

    /// <summary>Takes this entry from outside, then runs until nothing is open.</summary>
    public SimulatedDeployment Go(LogEntry entry, int maxSteps = 5000)
    {
        Log.Add(entry with { At = Now });
        Restart();
        while (_progress.Active is not null)
        {
            Assert.True(_steps < maxSteps, $"The deployment does not end; its log:\n{string.Join('\n', Log)}");
            try
            {
                Round();
            }
            catch (OperationCanceledException)
            {
                Restart();
            }
        }
        return this;
    }

    public static LogEntry.AttemptOpened Opened(int attempt) => new(
        attempt, DateTimeOffset.UnixEpoch, "role:gateway", new string('a', 40), new string('b', 40), new string('c', 40), Evidence, 1);

    private void Round()
    {
        if (Interventions.Remove(_steps, out var entry))
        {
            Append(entry with { At = Now });
        }
        var moves = plan.Decide(_progress, Now);
        foreach (var move in moves)
        {
            CarryOut(move);
            if (move is not (Move.Begin or Move.Ask or Move.Halt or Move.Undo))
            {
                return;
            }
        }
        Now += TimeSpan.FromMinutes(moves.IsEmpty ? 10 : 1);
        Step();
    }

    private void CarryOut(Move move)
    {
        switch (move)
        {
            case Move.Begin begin:
                Append(new LogEntry.Started(move.Attempt, Now, "role:control", begin.Row.Stage, begin.Try, Now + begin.Row.Within));
                break;
            case Move.Ask ask:
                Ask(ask);
                break;
            case Move.Halt halt:
                Append(new LogEntry.Broke(move.Attempt, Now, "agent", halt.Row.Stage, halt.Try, Codes.Stopped, null));
                break;
            case Move.Undo undo:
                Undo(undo);
                break;
            case Move.GiveUp give:
                Append(new LogEntry.Broke(move.Attempt, Now, "role:control", give.Row.Stage, give.Try, give.Code, null));
                break;
            case Move.Cancel cancel:
                Append(new LogEntry.CancelRequested(move.Attempt, Now, "role:control", cancel.Code));
                break;
            case Move.Close close:
                Append(new LogEntry.Closed(move.Attempt, Now, "role:control", close.Outcome, close.Code));
                break;
        }
    }

    private void Ask(Move.Ask ask)
    {
        var effect = $"a{ask.Attempt}/{ask.Row.Stage}";
        var fate = fates(ask.Row.Stage, ask.Try);
        for (var time = 0; time < AsksPerQuestion && fate != Fate.Silent; time++)
        {
            Step();
            if (Looks)
            {
                world.Act(effect);
            }
            else
            {
                world.ActBlindly(effect);
            }
            Step();
        }
        LogEntry? answer = fate switch
        {
            Fate.Proves => new LogEntry.Proved(ask.Attempt, Now, "agent", ask.Row.Stage, ask.Try, Evidence),
            Fate.Refuses => new LogEntry.Refused(ask.Attempt, Now, "agent", ask.Row.Stage, ask.Try, "no", null),
            Fate.Breaks => new LogEntry.Broke(ask.Attempt, Now, "agent", ask.Row.Stage, ask.Try, "broken", null),
            _ => null,
        };
        if (answer is not null)
        {
            Append(answer);
        }
    }

    private void Undo(Move.Undo undo)
    {
        if (undo.Try <= BrokenUndos)
        {
            Append(new LogEntry.Broke(undo.Attempt, Now, "agent", undo.Row.Stage, undo.Try, "undo-broken", null));
            return;
        }
        var effect = $"a{undo.Attempt}/{undo.Row.Stage}";
        var stood = world.Standing.Contains(effect) || world.Journal.Contains($"undo {effect}");
        for (var time = 0; time < UndosPerAnswer; time++)
        {
            Step();
            world.Undo(effect);
        }
        Append(new LogEntry.Undone(undo.Attempt, Now, "agent", undo.Row.Stage, stood ? Evidence : null));
    }

    private void Append(LogEntry entry)
    {
        Step();
        Log.Add(entry);
        _progress = _progress.With(entry);
        Step();
    }

    // The head's snapshot and the whole log must come to the same, at every restart.
    private void Restart()
    {
        _progress = Progress.Of(Log);
        if (Snapshot.Write(_progress) is { Length: > 0 } bytes)
        {
            Assert.Equal(Snapshot.Write(_progress), Snapshot.Write(Snapshot.Read(bytes)));
        }
    }

    private void Step()
    {
        if (Deaths.Contains(_steps++))
        {
            throw new OperationCanceledException("The process is gone at this line.");
        }
    }
}
