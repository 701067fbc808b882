using System.Collections.Concurrent;
using Maestro.Applications;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>
/// Watches production through the port that users come in by. Failing as often in a row as the manifest allows refuses, and so rolls back.
/// Time in which nobody could watch does not count.
/// </summary>
public sealed class WatchStage(IHealthProbe probe, IEdge edge, IGrainFactory grains, ManifestSource manifests, IOutages outages, TimeProvider time)
    : IStage<Promoted, Settled>
{
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    // A restart begins to count anew: production then serves on for at most as many failures again, and is not rolled back for few.
    private readonly ConcurrentDictionary<string, Failures> _failures = [];

    public async Task<Answer<Settled>> AskAsync(Assignment assignment, Promoted needs, CancellationToken cancellation)
    {
        var production = assignment.Environment(EnvironmentSettings.ProductionName);
        await grains.GetGrain<IEnvironmentGrain>(production.ToString()).AcquireAsync(assignment.Holder);
        var served = await edge.ReadAsync(production, cancellation);
        if (served.Effect != assignment.EffectOf(Stage.Promote))
        {
            return new Answer<Settled>.Refused(new(
                "watch.replaced", "What is watched is what was promoted.", assignment.EffectOf(Stage.Promote), served.Effect ?? "nothing", "See maestro env."));
        }
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        var interval = manifest.Run.Health.Min(check => check.Interval);
        var address = new Uri($"http://127.0.0.1:{assignment.Change.Application.Production.Port}");
        var health = await probe.CheckAsync(address, manifest.Run.Health, cancellation);
        if (!health.Healthy)
        {
            var failures = Count(assignment);
            return failures < manifest.Watch.Failures
                ? new Answer<Settled>.NotYet(interval, $"healthy again; failure {failures} of {manifest.Watch.Failures} in a row")
                : new Answer<Settled>.Refused(new(
                    "watch.unhealthy", $"Production passes its health checks through the watch window of {manifest.Watch.Window.TotalSeconds:F0} s.",
                    "healthy", $"{failures} failures in a row, the last: {health.Found}", "It is rolled back by itself. Mend the change and push again."));
        }
        _failures.TryRemove(assignment.Holder, out _);
        var now = time.GetUtcNow();
        var until = Decisions.DeadlineOf(needs.At, manifest.Watch.Window, outages.Known);
        return now >= until
            ? new Answer<Settled>.Proved(new(needs.Image, (now - needs.At).TotalSeconds))
            : new Answer<Settled>.NotYet(until - now < interval ? until - now : interval, $"healthy; watched for {(until - now).TotalSeconds:F0} s more");
    }

    private int Count(Assignment assignment)
    {
        var now = time.GetUtcNow();
        foreach (var old in _failures.Where(pair => pair.Value.At + Remembered < now).ToList())
        {
            _failures.TryRemove(old);
        }
        // Another taking up of the order has not seen the failures before it.
        var same = _failures.TryGetValue(assignment.Holder, out var known) && (known.Try, known.Since) == (assignment.Try, assignment.Since);
        var before = same ? known!.Times : 0;
        return (_failures[assignment.Holder] = new(assignment.Try, assignment.Since, before + 1, now)).Times;
    }

    private sealed record Failures(int Try, DateTimeOffset Since, int Times, DateTimeOffset At);
}
