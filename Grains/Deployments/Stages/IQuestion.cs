using System.Collections.Immutable;
using Maestro.Evidence;

namespace Maestro.Deployments.Stages;

/// <summary>A row that people answer. It is pure: from evidence it says what is asked, or that the question does not arise.</summary>
public interface IQuestion<TNeeds, TProves>
    where TProves : Proof
{
    Question<TProves> Put(Assignment assignment, TNeeds needs);
}

/// <summary>What is put to people.</summary>
public abstract record Question<TProves>
    where TProves : Proof
{
    private Question() { }

    /// <summary>The question does not arise, and this statement says why.</summary>
    public sealed record DoesNotArise(TProves Proof) : Question<TProves>;

    /// <summary>People are asked; <paramref name="Conclude"/> makes the proof from their approvals.</summary>
    public sealed record Arises(QuestionFacts Facts, Func<GivenApprovals, TProves> Conclude) : Question<TProves>;
}

/// <summary>The facts that people are shown and whose digests they sign.</summary>
/// <param name="Needed">How many different people must approve.</param>
public sealed record QuestionFacts(
    string Question, Digest? Plan, Digest? Image, string? Environment, int Needed,
    ImmutableArray<PlannedChange> Changes, ImmutableArray<Finding> Findings);

/// <summary>The approvals that were given: who, and their signed decisions as JSON envelopes.</summary>
/// <param name="Glass">The words of the two who broke the glass; empty where nobody did.</param>
public sealed record GivenApprovals(ImmutableArray<string> By, ImmutableArray<string> Envelopes, ImmutableArray<string> Glass);
