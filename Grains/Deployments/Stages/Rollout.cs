using Maestro.Environments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>
/// Makes one release serve one environment: the instance carries its effect's name and is inert until the edge, under the fencing token,
/// sends it traffic. Every step looks first, so it may be asked again at any point.
/// </summary>
public sealed class Rollout(IRuntime runtime, IEdge edge, IHealthProbe probe, TimeProvider time)
{
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    /// <summary>Starts, checks and switches, as far as it gets without waiting.</summary>
    /// <param name="since">When the wait for health began.</param>
    public async Task<Standing> ServeAsync(RolloutTarget target, DateTimeOffset since, CancellationToken cancellation)
    {
        var route = await edge.ReadAsync(target.Environment, cancellation);
        if (target.Release is not { } release)
        {
            await edge.SwitchAsync(target.Environment, target.Port, target.Token, route.Effect, null, null, target.Lease, cancellation);
            return new Standing.Serving(route.Effect);
        }
        var known = target.Revive ? null : await runtime.FindAsync(release.Effect, cancellation);
        var instance = known ?? await runtime.StartAsync(release.Effect, target.Environment, release.Image, release.Run, cancellation);
        if (instance.Exited)
        {
            await runtime.StopAsync(release.Effect, TimeSpan.Zero, cancellation);
            return new Standing.Refused(Ended(instance));
        }
        var health = instance.Listens
            ? await probe.CheckAsync(instance.Address, release.Run.Health, cancellation)
            : new Health(false, $"the release does not listen at port {instance.Address.Port}");
        if (!health.Healthy)
        {
            return time.GetUtcNow() < since + release.Run.Health.Max(check => check.Deadline)
                ? new Standing.NotYet(release.Run.Health.Min(check => check.Interval), $"health: {health.Found}")
                : new Standing.Refused(new("release.unhealthy", "A release passes its health checks within their deadline.", "healthy", health.Found,
                    "See why it is not healthy, and push again."));
        }
        await edge.SwitchAsync(
            target.Environment, target.Port, target.Token, route.Effect, release.Effect, instance.Address, target.Lease, cancellation);
        return new Standing.Serving(route.Effect);
    }

    /// <summary>Why a release that was started before is not to be started again: it ended by itself. Null where it did not.</summary>
    public async Task<Reason?> FindEndAsync(string effect, CancellationToken cancellation) =>
        await runtime.FindAsync(effect, cancellation) is { Exited: true } instance ? Ended(instance) : null;

    private static Reason Ended(Instance instance) => new(
        "release.exited", "A release keeps running.", "a running process",
        $"it ended; the end of its output: {(instance.Tail.Length > 0 ? instance.Tail : "nothing")}", "See why it ends, and push again.");

    /// <summary>Ends an instance that no longer gets requests, once those under way are answered. True when it is gone.</summary>
    /// <param name="since">From when requests are waited for where the edge does not know when it switched.</param>
    public async Task<bool> RetireAsync(EnvironmentKey environment, string effect, DateTimeOffset since, CancellationToken cancellation)
    {
        var route = await edge.ReadAsync(environment, cancellation);
        if (route.Effect == effect)
        {
            return true;
        }
        if (await edge.InFlightAsync(environment, effect, cancellation) > 0 && time.GetUtcNow() < (route.SwitchedAt ?? since) + DrainWithin)
        {
            return false;
        }
        await runtime.StopAsync(effect, StopWithin, cancellation);
        return true;
    }

    /// <summary>How far it got.</summary>
    public abstract record Standing
    {
        private Standing() { }

        public sealed record NotYet(TimeSpan LookAgain, string Waiting) : Standing;

        /// <param name="Before">What the environment served before this call; the same effect where nothing had to be done.</param>
        public sealed record Serving(string? Before) : Standing;

        public sealed record Refused(Reason Reason) : Standing;
    }
}

/// <summary>What shall serve.</summary>
/// <param name="Release">Null for nothing.</param>
/// <param name="Revive">It served before, so a process that ended is started again; a new release that ends is refused.</param>
/// <param name="Lease">Custody's lease for it; null in staging.</param>
public sealed record RolloutTarget(
    EnvironmentKey Environment, int Port, long Token, Release? Release, bool Revive = false, Envelope? Lease = null);
