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
        for (var failures = 1; !health.Healthy; failures++)
        {
            if (failures >= manifest.Watch.Failures)
            {
                return new Answer<Settled>.Refused(new(
                    "watch.unhealthy", $"Production passes its health checks through the watch window of {manifest.Watch.Window.TotalSeconds:F0} s.",
                    "healthy", $"{failures} failures in a row, the last: {health.Found}", "It is rolled back by itself. Mend the change and push again."));
            }
            await Task.Delay(interval, time, cancellation);
            health = await probe.CheckAsync(address, manifest.Run.Health, cancellation);
        }
        var now = time.GetUtcNow();
        var until = Decisions.DeadlineOf(needs.At, manifest.Watch.Window, outages.Known);
        return now >= until
            ? new Answer<Settled>.Proved(new(needs.Image, (now - needs.At).TotalSeconds))
            : new Answer<Settled>.NotYet(until - now < interval ? until - now : interval, $"healthy; watched for {(until - now).TotalSeconds:F0} s more");
    }
}
