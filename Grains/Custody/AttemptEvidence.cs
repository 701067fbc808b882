using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;

namespace Maestro.Custody;

/// <summary>What the log and the evidence say of one attempt, each statement opened with the key of the role that may make it.</summary>
/// <param name="Assignment">The effect that is asked for, and the change as it was opened.</param>
/// <param name="Statements">One for each row that the effect rests on, in the plan's order.</param>
public sealed record AttemptEvidence(
    Assignment Assignment, AttemptProgress Attempt, Digest Opened, ImmutableArray<ReadStatement> Statements)
{
    /// <summary>The proof; null where the log has none, or its statement is not to be believed.</summary>
    public TProof? Find<TProof>()
        where TProof : Proof => Statements.Select(statement => statement.Proof).OfType<TProof>().FirstOrDefault();

    /// <summary>The statement of a row.</summary>
    public ReadStatement? Of(Stage stage) => Statements.FirstOrDefault(statement => statement.Stage == stage);
}

/// <summary>One statement that the log names.</summary>
/// <param name="By">Whose key must have signed it.</param>
/// <param name="Fault">Why it is not believed; null where it is.</param>
public sealed record ReadStatement(Stage Stage, string By, Digest? Digest, DateTimeOffset At, Proof? Proof, Reason? Fault);
