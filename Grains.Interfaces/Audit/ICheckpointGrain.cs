using System.Collections.Immutable;
using Maestro.Identity;

namespace Maestro.Audit;

/// <summary>Signs what the ledger holds, and proves that an entry is in it; there is one, see <see cref="Key"/>.</summary>
[Alias("maestro.ICheckpointGrain")]
public interface ICheckpointGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "checkpoint/main";

    /// <summary>Signs the ledger as it is now, unless nothing was added. Returns the newest checkpoint, a C2SP signed note; null for an empty ledger.</summary>
    /// <exception cref="Deployments.RefusedException">The ledger does not begin with what was signed before.</exception>
    [Admits(Role.Control, Role.Infrastructure, Role.Deployment, Role.Custody, Role.Gateway), Alias("SignAsync")]
    Task<string?> SignAsync();

    /// <summary>The newest checkpoint, and that the ledger it covers begins with the first <paramref name="size"/> entries; null where there is none.</summary>
    /// <param name="size">What the caller has seen; zero for nothing.</param>
    [Admits(
        Role.Control, Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Custody, Role.Gateway, Role.Viewer), Alias("GrowthAsync")]
    Task<CheckpointGrowth?> GrowthAsync(long size);

    /// <summary>Keeps a role's cosignature of the checkpoint of this size. Twice does no harm.</summary>
    /// <param name="signature">What C2SP tlog-cosignature has after the key's id: the time and the signature.</param>
    /// <exception cref="Deployments.RefusedException">There is no such checkpoint, or that is not the caller's signature.</exception>
    [Admits(Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Custody, Role.Gateway), Alias("CosignAsync")]
    Task CosignAsync(long size, ImmutableArray<byte> signature);

    /// <summary>Keeps the cosignature of a witness outside the cluster, whose key the operator gave. What is not one is left out: it proves nothing.</summary>
    /// <param name="signature">What C2SP tlog-cosignature has after the key's id: the time and the signature.</param>
    [Admits(Role.Control, Role.Infrastructure, Role.Deployment, Role.Custody), Alias("CosignOutsideAsync")]
    Task CosignOutsideAsync(long size, string witness, ImmutableArray<byte> signature);

    /// <summary>What each witness outside the cluster has cosigned last, as far as is known since this grain was activated.</summary>
    [Admits(Role.Control, Role.Gateway, Role.Viewer), Alias("OutsideAsync")]
    Task<ImmutableArray<OutsideCosignature>> OutsideAsync();

    /// <summary>That an entry is in the ledger, as a C2SP tlog-proof with the entry in it; null where there is no such entry.</summary>
    [Admits(Role.Viewer, Role.Gateway, Role.Control, Role.Ledger), Alias("ProveAsync")]
    Task<string?> ProveAsync(long index);
}

/// <summary>A checkpoint, and how it follows from an earlier one.</summary>
/// <param name="Note">A C2SP signed note.</param>
/// <param name="Proof">The consistency proof by RFC 9162; empty where there is nothing to prove, or where it cannot be proved.</param>
[GenerateSerializer, Immutable, Alias("maestro.checkpoint-growth")]
public sealed record CheckpointGrowth([property: Id(0)] string Note, [property: Id(1)] ImmutableArray<byte[]> Proof);

/// <summary>What a witness outside the cluster cosigned last.</summary>
/// <param name="Size">How many entries; zero where nothing is known.</param>
/// <param name="At">When, by its clock.</param>
[GenerateSerializer, Immutable, Alias("maestro.outside-cosignature")]
public sealed record OutsideCosignature([property: Id(0)] string Witness, [property: Id(1)] long Size, [property: Id(2)] DateTimeOffset? At);
