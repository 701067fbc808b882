using Maestro.Evidence;

namespace Maestro.Deployments.Stages;

/// <summary>
/// One stage. It answers in seconds: it looks for the effect that <see cref="Assignment.Effect"/> names, makes it where it is missing, and says
/// how it stands. Asked twice it finds its first effect. Waiting is an answer.
/// </summary>
public interface IStage<TNeeds, TProves>
    where TProves : Proof
{
    Task<Answer<TProves>> AskAsync(Assignment assignment, TNeeds needs, CancellationToken cancellation);

    /// <summary>Ends what is still under way for this effect and returns when it is. Ending nothing is success.</summary>
    Task StopAsync(Assignment assignment, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>A stage whose effects can be taken back. Undoing what was never done is success.</summary>
public interface IUndoable
{
    /// <summary>Takes back what the effect's name finds, looking first.</summary>
    Task<UndoAnswer> UndoAsync(Assignment assignment, CancellationToken cancellation);
}

/// <summary>What a stage answers.</summary>
public abstract record Answer<TProves>
    where TProves : Proof
{
    private Answer() { }

    /// <summary>Under way; worth another look after <paramref name="LookAgain"/>.</summary>
    public sealed record NotYet(TimeSpan LookAgain, string Waiting) : Answer<TProves>;

    public sealed record Proved(TProves Proof) : Answer<TProves>;

    public sealed record Refused(Reason Reason) : Answer<TProves>;

    public sealed record Broke(Reason Reason) : Answer<TProves>;
}

/// <summary>What an undo answers.</summary>
public abstract record UndoAnswer
{
    private UndoAnswer() { }

    public sealed record NotYet(TimeSpan LookAgain, string Waiting) : UndoAnswer;

    /// <param name="Restored">What is served again, in words; null where nothing had to be taken back.</param>
    public sealed record Undone(string? Restored) : UndoAnswer;

    public sealed record Broke(Reason Reason) : UndoAnswer;
}
