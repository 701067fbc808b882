using System.Text.Json;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Messages;

/// <summary>What an agent says of its stage.</summary>
public enum AnswerKind
{
    /// <summary>The stage has shown what it had to.</summary>
    Proved,

    /// <summary>The world said no.</summary>
    Refused,

    /// <summary>It could not be found out.</summary>
    Broke,

    /// <summary>It goes on.</summary>
    Waiting,

    /// <summary>What the stage may have done is gone.</summary>
    Undone,

    /// <summary>The work has ended without a result, as ordered.</summary>
    Stopped,
}

/// <summary>An agent's answer to a work order, signed by the agent's role, with the order's deployment, attempt, stage and try.</summary>
/// <param name="ProofKind">The name of the proof; only where proved.</param>
/// <param name="Proof">The proof as JSON; only where proved.</param>
/// <param name="Reason">Why; only where refused or broke.</param>
/// <param name="WaitingFor">What it waits for, fit to be shown; only where waiting.</param>
/// <param name="Restored">What is served again; only where undone, and null where nothing had to be taken back.</param>
public sealed record AgentAnswer(
    Binding Binding, AnswerKind Kind, string? ProofKind = null, JsonElement? Proof = null, Reason? Reason = null, string? WaitingFor = null,
        string? Restored = null)
    : IBoundMessage
{
    public static AgentAnswer Proved(Binding binding, Proof proof) =>
        new(binding, AnswerKind.Proved, ProofKinds.NameOf(proof), ProofKinds.Write(proof));

    public static AgentAnswer Refused(Binding binding, Reason reason) => new(binding, AnswerKind.Refused, Reason: reason);

    public static AgentAnswer Broke(Binding binding, Reason reason) => new(binding, AnswerKind.Broke, Reason: reason);

    public static AgentAnswer Waiting(Binding binding, string waitingFor) => new(binding, AnswerKind.Waiting, WaitingFor: waitingFor);

    public static AgentAnswer Undone(Binding binding, string? restored = null) => new(binding, AnswerKind.Undone, Restored: restored);

    public static AgentAnswer Stopped(Binding binding) => new(binding, AnswerKind.Stopped);

    /// <summary>The proof as its record.</summary>
    /// <exception cref="RefusedException">There is none, its kind is unknown, or it does not have the kind's form.</exception>
    public Proof OpenProof() =>
        ProofKind is { } kind && Proof is { } proof
            ? ProofKinds.Read(kind, proof)
            : throw MessageRefusal.Malformed("an answer without a proof");

    public string? Misfit()
    {
        var proved = ProofKind is not null && Proof is { ValueKind: JsonValueKind.Object };
        if (proved != (Kind is AnswerKind.Proved) || (!proved && (ProofKind is not null || Proof is not null)))
        {
            return "a proof and an answer that do not fit";
        }
        if ((Reason is not null) != (Kind is AnswerKind.Refused or AnswerKind.Broke))
        {
            return "a reason and an answer that do not fit";
        }
        if (Restored is not null && Kind is not AnswerKind.Undone)
        {
            return "something restored and an answer that do not fit";
        }
        return (WaitingFor is not null) == (Kind is AnswerKind.Waiting) ? null : "a wait and an answer that do not fit";
    }
}
