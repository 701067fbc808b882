using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Messages;

namespace Maestro.Outside;

/// <summary>Plans and applies the declared infrastructure of one environment.</summary>
public interface IInfrastructure
{
    /// <summary>The difference between declared, recorded and actual, as a document that can be applied exactly. Planning changes nothing.</summary>
    /// <param name="declaration">The files of the infrastructure folder on the merged tree, by path within it.</param>
    /// <exception cref="RefusedException">The declaration is malformed, or leaves its environment.</exception>
    Task<InfrastructurePlan> PlanAsync(
        EnvironmentKey environment, ImmutableDictionary<string, byte[]> declaration, CancellationToken cancellation);

    /// <summary>Applies exactly this plan under this effect name; applied before under the same name, it answers with the state it left.</summary>
    /// <param name="lease">Custody's lease for exactly this; staging needs none.</param>
    /// <exception cref="RefusedException">
    /// The state moved since the plan was made, the plan was used by another effect, the token is old, or the lease is not for this.
    /// </exception>
    Task<InfrastructureState> ApplyAsync(
        EnvironmentKey environment, ReadOnlyMemory<byte> plan, string effect, long token, Envelope? lease, CancellationToken cancellation);

    /// <summary>The recorded state and where the world differs from it.</summary>
    Task<InfrastructureState> ReadAsync(EnvironmentKey environment, CancellationToken cancellation);
}

/// <summary>An environment of an application.</summary>
public sealed record EnvironmentKey(string Application, string Environment)
{
    public override string ToString() => $"env/{Application}/{Environment}";
}

/// <summary>A plan as the bytes that are reviewed and applied, and what they would do.</summary>
/// <param name="Document">Canonical JSON; its digest is what people approve.</param>
public sealed record InfrastructurePlan(
    ReadOnlyMemory<byte> Document, string Lineage, long Serial, ImmutableArray<PlannedChange> Changes);

/// <summary>Recorded infrastructure: lineage never changes, serial rises with every apply.</summary>
/// <param name="Drift">Where the world differs from the record, in words fit to be shown.</param>
public sealed record InfrastructureState(string Lineage, long Serial, ImmutableArray<string> Resources, ImmutableArray<string> Drift);
