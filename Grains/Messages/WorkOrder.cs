using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Messages;

/// <summary>What a deployment wants of an agent.</summary>
public enum OrderKind
{
    /// <summary>Do the stage's work, or say how it stands.</summary>
    Ask,

    /// <summary>End the work and say when it has ended.</summary>
    Stop,

    /// <summary>Take back what the stage may have done.</summary>
    Undo,
}

/// <summary>A deployment's order to an agent, signed by the control role.</summary>
/// <param name="Needs">For every proof the stage needs, its <see cref="ProofKinds">kind</see> and the digest of its envelope.</param>
/// <param name="Change">The digest of the evidence of the change the attempt is bound to.</param>
/// <param name="Because">The code why it stops or goes back; null where it asks.</param>
/// <param name="Target">Which release an undo shall bring back; null for the one before.</param>
public sealed record WorkOrder(
    Binding Binding, OrderKind Kind, ImmutableDictionary<string, Digest> Needs, Digest Change,
    string? Because = null, string? Target = null)
    : IBoundMessage
{
    public string? Misfit() => this switch
    {
        { Kind: OrderKind.Ask, Because: not null } => "an ask that goes back",
        { Kind: OrderKind.Stop or OrderKind.Undo, Because: null or "" } => "a way back without a reason",
        { Kind: not OrderKind.Undo, Target: not null } => "a target without an undo",
        _ when Needs.Keys.FirstOrDefault(kind => !ProofKinds.IsKnown(kind)) is not null => "a need of an unknown kind",
        _ => null,
    };
}
