using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Custody;

/// <summary>The credential for one effect on production, as custody signs it. All of it must fit: nothing in it is an alternative.</summary>
/// <param name="Effect">Whose effect it is, <c>{deployment}/a{attempt}/{stage}</c>.</param>
/// <param name="Environment">Such as <c>env/shop/production</c>.</param>
/// <param name="Port">The environment's own port.</param>
/// <param name="Target">The effect that may be served; null for nothing, and where the lease is for a plan.</param>
/// <param name="Plan">The one plan that may be applied; null where the lease is for a switch.</param>
/// <param name="Token">The one fencing token under which it counts.</param>
/// <param name="Verification">The digest of the summary of the verification that it rests on.</param>
public sealed record ProductionLease(
    DeploymentId Deployment, int Attempt, Stage Stage, string Effect, string Environment, int Port, LeaseWay Way, string? Target, Digest? Plan,
    long Token, Digest Verification, string Nonce, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
    : IDated
{
    /// <summary>How long custody lends.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>The longest life that anybody believes.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(15);

    public static string PredicateType { get; } = PredicateTypes.Of("production-lease");
}
