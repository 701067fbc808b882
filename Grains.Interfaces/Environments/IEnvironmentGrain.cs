using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Orleans.Concurrency;

namespace Maestro.Environments;

/// <summary>One environment; the key is <c>env/{application}/{environment}</c>. It keeps the live release, its history, the lock and the hold.</summary>
[Alias("maestro.IEnvironmentGrain")]
public interface IEnvironmentGrain : IGrainWithStringKey
{
    [Admits(Role.Viewer, Role.Gateway, Role.Control, Role.Infrastructure, Role.Deployment, Role.Custody), AlwaysInterleave, Alias("GetAsync")]
    Task<EnvironmentView> GetAsync();

    /// <summary>
    /// Takes the lock for this holder, renews it, or says at which place in the queue the holder waits. Every new holder gets a higher token.
    /// </summary>
    /// <param name="holder">The attempt, as <c>pr/…/42/a3</c>.</param>
    [Admits(Role.Infrastructure, Role.Deployment), Alias("AcquireAsync")]
    Task<LockGrant> AcquireAsync(string holder);

    /// <summary>
    /// Takes the lock as <see cref="AcquireAsync"/> does, with a new and higher token for this purpose; what acts with an older one is
    /// refused from here on. Asked again for the same purpose it answers with the same token.
    /// </summary>
    [Admits(Role.Deployment), Alias("FenceAsync")]
    Task<LockGrant> FenceAsync(string holder, string purpose);

    /// <summary>Gives the lock back, or leaves the queue. Releasing what is not held is success.</summary>
    [Admits(Role.Control, Role.Deployment), Alias("ReleaseAsync")]
    Task ReleaseAsync(string holder);

    /// <summary>Writes down, before the switch, what is about to become live.</summary>
    /// <exception cref="RefusedException">The token is not the newest.</exception>
    [Admits(Role.Deployment), Alias("BeginAsync")]
    Task BeginAsync(long token, Release release);

    /// <summary>Writes down, after the switch, what is live. Doing it twice is doing it once.</summary>
    /// <exception cref="RefusedException">The token is not the newest, or another release is in flight.</exception>
    [Admits(Role.Deployment), Alias("CompleteAsync")]
    Task<Release> CompleteAsync(long token, string effect);

    /// <summary>Writes down that the release of this effect was taken back and <paramref name="restored"/> is live again (null: nothing is).</summary>
    /// <param name="served">It really served somebody; otherwise it is only forgotten.</param>
    /// <param name="hold">Why nothing may be promoted until a person releases the hold; null sets none.</param>
    [Admits(Role.Deployment), Alias("RestoreAsync")]
    Task RestoreAsync(long token, string effect, string? restored, bool served, string? hold);

    /// <summary>Lifts the hold.</summary>
    [Admits(Role.Sre), StepUp, Alias("ReleaseHoldAsync")]
    Task ReleaseHoldAsync(string reason);
}

/// <summary>The answer to a request for the lock.</summary>
/// <param name="Token">The fencing token; meaningful only where <paramref name="Granted"/>.</param>
/// <param name="Place">The place in the queue from 1 where the lock is not granted.</param>
/// <param name="Holder">Who holds the lock now.</param>
[GenerateSerializer, Immutable, Alias("maestro.lock-grant")]
public sealed record LockGrant([property: Id(0)] bool Granted, [property: Id(1)] long Token, [property: Id(2)] int Place, [property: Id(3)] string? Holder);

/// <summary>A release with everything needed to bring it back.</summary>
/// <param name="Id">Such as <c>r7</c>, counted per environment; empty until it is live.</param>
/// <param name="Effect">The name of the effect that made it, such as <c>pr/local/acme/shop/42/a3/Promote</c>.</param>
/// <param name="Run">How it is started and checked, from the manifest of the base it was built on.</param>
[GenerateSerializer, Immutable, Alias("maestro.release")]
public sealed record Release(
    [property: Id(0)] string Id, [property: Id(1)] string Effect, [property: Id(2)] string Deployment, [property: Id(3)] int Attempt,
    [property: Id(4)] Digest Image, [property: Id(5)] string Commit, [property: Id(6)] RunSettings Run, [property: Id(7)] DateTimeOffset At);

/// <summary>How a release runs: the manifest's <c>run</c> and <c>health</c> sections.</summary>
/// <param name="PortVariable">The environment variable that tells the process its port.</param>
[GenerateSerializer, Immutable, Alias("maestro.run-settings")]
public sealed record RunSettings(
    [property: Id(0)] ImmutableArray<string> Command, [property: Id(1)] string PortVariable, [property: Id(2)] ImmutableArray<HealthCheck> Health);

/// <summary>One HTTP health check.</summary>
/// <param name="Status">The expected status code.</param>
/// <param name="Body">Text that the body must contain; null asks for nothing.</param>
/// <param name="Interval">How long between two looks.</param>
/// <param name="Deadline">How long a starting release may take to pass.</param>
[GenerateSerializer, Immutable, Alias("maestro.health-check")]
public sealed record HealthCheck(
    [property: Id(0)] string Path, [property: Id(1)] int Status, [property: Id(2)] string? Body,
    [property: Id(3)] TimeSpan Interval, [property: Id(4)] TimeSpan Deadline);

/// <summary>An environment as it stands.</summary>
/// <param name="Before">Releases that were live before, newest first, at most 20.</param>
/// <param name="InFlight">What is being made live at this moment.</param>
/// <param name="Withdrawn">Effects whose release was taken back, newest last, at most 20.</param>
[GenerateSerializer, Immutable, Alias("maestro.environment-view")]
public sealed record EnvironmentView(
    [property: Id(0)] string Application, [property: Id(1)] string Name, [property: Id(2)] Release? Live, [property: Id(3)] ImmutableArray<Release> Before,
    [property: Id(4)] Release? InFlight, [property: Id(5)] string? LockHolder, [property: Id(6)] long Token, [property: Id(7)] ImmutableArray<string> Queue,
    [property: Id(8)] string? Hold, [property: Id(9)] DateTimeOffset? HeldSince, [property: Id(10)] ImmutableArray<string> Withdrawn);
