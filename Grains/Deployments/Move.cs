namespace Maestro.Deployments;

/// <summary>What is due. The grain's loop carries it out; nothing else moves a deployment.</summary>
public abstract record Move(int Attempt)
{
    /// <summary>Record that the row starts its next try, before anybody is asked.</summary>
    public sealed record Begin(int Attempt, Row Row, int Try) : Move(Attempt);

    /// <summary>Started and unanswered: it is waiting, or its silo died. Both mean: ask again.</summary>
    public sealed record Ask(int Attempt, Row Row, int Try, DateTimeOffset Deadline) : Move(Attempt);

    /// <summary>No answer within the row's time: this try is over.</summary>
    public sealed record GiveUp(int Attempt, Row Row, int Try, string Code) : Move(Attempt);

    /// <summary>On the way back: ask a running stage to stop.</summary>
    public sealed record Halt(int Attempt, Row Row, int Try, DateTimeOffset Deadline) : Move(Attempt);

    /// <summary>On the way back: ask for what the stage did to be undone.</summary>
    public sealed record Undo(int Attempt, Row Row, int Try, string Code, string? Target) : Move(Attempt);

    /// <summary>Record that the attempt goes back.</summary>
    public sealed record Cancel(int Attempt, string Code) : Move(Attempt);

    /// <summary>Nothing is left to do: give the locks back and record the outcome.</summary>
    public sealed record Close(int Attempt, Outcome Outcome, string Code) : Move(Attempt);
}
