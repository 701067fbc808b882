using Maestro.Applications;
using Maestro.Environments;
using Maestro.Evidence;


namespace Maestro.Deployments.Stages;

/// <summary>
/// Rolls staging back to what is live in production and forward again, both healthy, and takes the time. It is a measurement: a rehearsal
/// whose answer was lost is made again.
/// </summary>
public sealed class RehearseRollbackStage(IGrainFactory grains, Rollout rollout, TimeProvider time)
    : IStage<(StagingProvisioned Provisioned, StagingHealthy Healthy), RollbackRehearsed>
{
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
        var live = (await grains.GetGrain<IEnvironmentGrain>(assignment.Environment(EnvironmentSettings.ProductionName).ToString()).GetAsync()).Live;
        var port = assignment.Change.Application.Staging.Port;
        var rehearsed = live is null ? null : live with { Effect = InstanceOf(assignment) };
        var answer = await ServeAsync(new(staging, port, grant.Token, rehearsed), assignment, cancellation)
            ?? await ServeAsync(new(staging, port, grant.Token, view.Live, Revive: true), assignment, cancellation);
        if (answer is not null)
        {
            return answer;
        }
        // Staging keeps one instance: going back starts the one before again.
        foreach (var effect in view.Before.Select(before => before.Effect).Prepend(InstanceOf(assignment)))
        {
            if (!await rollout.RetireAsync(staging, effect, assignment.Since, cancellation))
            {
                return new Answer<RollbackRehearsed>.NotYet(TimeSpan.FromMilliseconds(200), "requests under way are answered first");
            }
        }
        var now = time.GetUtcNow();
        return new Answer<RollbackRehearsed>.Proved(new(needs.Healthy.Image, live?.Image, (now - assignment.Since).TotalSeconds, now));
    }

    /// <summary>The instance of production's release that serves in staging while the rollback is rehearsed.</summary>
    public static string InstanceOf(Assignment assignment) => $"{assignment.EffectOf(Stage.RehearseRollback)}/live";

    private async Task<Answer<RollbackRehearsed>?> ServeAsync(RolloutTarget target, Assignment assignment, CancellationToken cancellation) =>
        await rollout.ServeAsync(target, assignment.Since, cancellation) switch
        {
            Rollout.Standing.NotYet notYet => new Answer<RollbackRehearsed>.NotYet(notYet.LookAgain, notYet.Waiting),
            Rollout.Standing.Refused refused => new Answer<RollbackRehearsed>.Refused(refused.Reason with { Code = $"rehearsal.{refused.Reason.Code}" }),
            _ => null,
        };
}
