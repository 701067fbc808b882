using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Orleans.Concurrency;

namespace Maestro.Custody;

/// <summary>
/// Lends the credential for one application's production; the key is <c>custody/{application}/{environment}</c>. Who checks is not who acts.
/// </summary>
[Alias("maestro.ICustodyGrain")]
public interface ICustodyGrain : IGrainWithStringKey
{
    /// <summary>
    /// Lends the credential for one effect under one fencing token, once every fact was fetched from where it lives and compared. Asked again
    /// at once it answers with the same lease.
    /// </summary>
    /// <returns>The lease: a statement signed by the custody role.</returns>
    /// <exception cref="RefusedException">The first difference, with what was expected and found.</exception>
    [Admits(Role.Infrastructure, Role.Deployment), ResponseTimeout("00:01:30"), Alias("LeaseAsync")]
    Task<Envelope> LeaseAsync(LeaseRequest request);

    /// <summary>Repeats what can be repeated at any later time: the rules over the exact change, and whether evidence and plan are still kept.</summary>
    /// <exception cref="RefusedException">There is no such attempt of this application.</exception>
    [Admits(Role.Viewer, Role.Gateway), AlwaysInterleave, ResponseTimeout("00:01:30"), Alias("RepeatAsync")]
    Task<ImmutableArray<Check>> RepeatAsync(string deployment, int attempt);
}

/// <summary>All that whoever acts says: which effect, and under which token. Every fact is looked up.</summary>
/// <param name="Stage">ProvisionProduction or Promote.</param>
/// <param name="Token">The fencing token under which the environment's lock is held.</param>
/// <param name="Release">On the way back: the release that was asked for by name; null for the one before.</param>
[GenerateSerializer, Immutable, Alias("maestro.lease-request")]
public sealed record LeaseRequest(
    [property: Id(0)] DeploymentId Deployment, [property: Id(1)] int Attempt, [property: Id(2)] Stage Stage, [property: Id(3)] long Token,
    [property: Id(4)] LeaseWay Way, [property: Id(5)] string? Release = null);

/// <summary>What a lease is for.</summary>
[GenerateSerializer, Alias("maestro.lease-way")]
public enum LeaseWay
{
    /// <summary>Something new.</summary>
    Forward,

    /// <summary>What was live before.</summary>
    Back,

    /// <summary>What is live, at another address.</summary>
    Keep,
}

/// <summary>One comparison of a verification.</summary>
/// <param name="Source">Where the fact was fetched.</param>
/// <param name="Difference">Why it does not hold; only where it does not.</param>
[GenerateSerializer, Immutable, Alias("maestro.check")]
public sealed record Check(
    [property: Id(0)] string Name, [property: Id(1)] string Source, [property: Id(2)] string Expected, [property: Id(3)] string Found,
    [property: Id(4)] CheckResult Result, [property: Id(5)] Reason? Difference = null);

/// <summary>How a comparison came out.</summary>
[GenerateSerializer, Alias("maestro.check-result")]
public enum CheckResult
{
    Holds,
    Differs,

    /// <summary>The fact is not at hand here, so nothing was compared.</summary>
    NotRepeated,
}
