using System.Collections.Concurrent;
using Maestro.Applications;
using Maestro.Environments;
using Maestro.Evidence;

namespace Maestro.Deployments.Stages;

/// <summary>
/// Rolls staging back to what is live in production and forward again, both healthy, and takes the time. It is a measurement: a rehearsal
/// whose answer was lost is made again. While requests under way are waited for, it is not.
/// </summary>
public sealed class RehearseRollbackStage(IGrainFactory grains, Rollout rollout, TimeProvider time)
    : IStage<(StagingProvisioned Provisioned, StagingHealthy Healthy), RollbackRehearsed>
{
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Rehearsal> _made = [];

    public async Task<Answer<RollbackRehearsed>> AskAsync(
        Assignment assignment, (StagingProvisioned Provisioned, StagingHealthy Healthy) needs, CancellationToken cancellation)
    {
        var staging = assignment.Environment(EnvironmentSettings.StagingName);
        var stagingGrain = grains.GetGrain<IEnvironmentGrain>(staging.ToString());
        var grant = await stagingGrain.AcquireAsync(assignment.Holder);
        var view = await stagingGrain.GetAsync();
        if (!grant.Granted || view.Live?.Effect != assignment.EffectOf(Stage.DeployStaging))
        {
            return new Answer<RollbackRehearsed>.Refused(new("environment.lock-lost", "A rollback is rehearsed on the attempt's own staging release.",
                assignment.Holder, grant.Holder ?? view.Live?.Effect ?? "nothing", "Use: maestro retry."));
        }
        if (Find(assignment) is not { } made)
        {
            var forward = new RolloutTarget(staging, assignment.Change.Application.Staging.Port, grant.Token, view.Live, Revive: true);
            var (rehearsal, waiting) = await RehearseAsync(assignment, forward, cancellation);
            if (waiting is not null)
            {
                return waiting;
            }
            made = Remember(assignment, rehearsal!);
        }
        // Staging keeps one instance: going back starts the one before again.
        foreach (var effect in view.Before.Select(before => before.Effect).Prepend(InstanceOf(assignment)))
        {
            if (!await rollout.RetireAsync(staging, effect, assignment.Since, cancellation))
            {
                return new Answer<RollbackRehearsed>.NotYet(TimeSpan.FromMilliseconds(200), "requests under way are answered first");
            }
        }
        _made.TryRemove(assignment.Holder, out _);
        return new Answer<RollbackRehearsed>.Proved(new(needs.Healthy.Image, made.Live, made.Took.TotalSeconds, made.At));
    }

    /// <summary>The instance of production's release that serves in staging while the rollback is rehearsed.</summary>
    public static string InstanceOf(Assignment assignment) => $"{assignment.EffectOf(Stage.RehearseRollback)}/live";

    private async Task<(Rehearsal? Made, Answer<RollbackRehearsed>? Waiting)> RehearseAsync(
        Assignment assignment, RolloutTarget forward, CancellationToken cancellation)
    {
        var live = (await grains.GetGrain<IEnvironmentGrain>(assignment.Environment(EnvironmentSettings.ProductionName).ToString()).GetAsync()).Live;
        var back = forward with { Release = live is null ? null : live with { Effect = InstanceOf(assignment) }, Revive = false };
        var waiting = await ServeAsync(back, assignment, cancellation) ?? await ServeAsync(forward, assignment, cancellation);
        var now = time.GetUtcNow();
        return waiting is null ? (new(assignment.Try, assignment.Since, live?.Image, now - assignment.Since, now), null) : (null, waiting);
    }

    private Rehearsal? Find(Assignment assignment) =>
        _made.TryGetValue(assignment.Holder, out var made) && (made.Try, made.Since) == (assignment.Try, assignment.Since) ? made : null;

    private Rehearsal Remember(Assignment assignment, Rehearsal rehearsal)
    {
        foreach (var old in _made.Where(pair => pair.Value.At + Remembered < rehearsal.At).ToList())
        {
            _made.TryRemove(old);
        }
        return _made[assignment.Holder] = rehearsal;
    }

    private async Task<Answer<RollbackRehearsed>?> ServeAsync(RolloutTarget target, Assignment assignment, CancellationToken cancellation) =>
        await rollout.ServeAsync(target, assignment.Since, cancellation) switch
        {
            Rollout.Standing.NotYet notYet => new Answer<RollbackRehearsed>.NotYet(notYet.LookAgain, notYet.Waiting),
            Rollout.Standing.Refused refused => new Answer<RollbackRehearsed>.Refused(refused.Reason with { Code = $"rehearsal.{refused.Reason.Code}" }),
            _ => null,
        };

    /// <summary>A rehearsal that was made and whose instances are still to be ended.</summary>
    private sealed record Rehearsal(int Try, DateTimeOffset Since, Digest? Live, TimeSpan Took, DateTimeOffset At);
}
