using Maestro.Applications;
using Maestro.Evidence;

namespace Maestro.Deployments.Stages;

/// <summary>Serves the image in staging.</summary>
public sealed class DeployStagingStage(Releasing releasing, Rollout rollout, ManifestSource manifests, TimeProvider time)
    : IStage<(TestsPassed Tests, ImageCleared Cleared, StagingProvisioned Provisioned), StagingHealthy>, IUndoable
{
    public async Task<Answer<StagingHealthy>> AskAsync(
        Assignment assignment, (TestsPassed Tests, ImageCleared Cleared, StagingProvisioned Provisioned) needs, CancellationToken cancellation)
    {
        if (needs.Tests.Image != needs.Cleared.Image)
        {
            return new Answer<StagingHealthy>.Refused(new(
                "image.differs", "The image that was tested is the image that was scanned and is deployed.",
                needs.Tests.Image.Abbreviated, needs.Cleared.Image.Abbreviated, "Use: maestro retry."));
        }
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        return await releasing.ReleaseAsync(assignment, EnvironmentSettings.StagingName, needs.Cleared.Image, manifest.Run, null, cancellation) switch
        {
            Releasing.Outcome.NotYet notYet => new Answer<StagingHealthy>.NotYet(notYet.LookAgain, notYet.Waiting),
            Releasing.Outcome.Refused refused => new Answer<StagingHealthy>.Refused(refused.Reason),
            Releasing.Outcome.Live live => new Answer<StagingHealthy>.Proved(
                new(needs.Cleared.Image, live.Release.Id, (time.GetUtcNow() - assignment.Since).TotalSeconds)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public async Task<UndoAnswer> UndoAsync(Assignment assignment, CancellationToken cancellation)
    {
        var answer = await releasing.TakeBackAsync(assignment, EnvironmentSettings.StagingName, null, cancellation);
        // A rehearsal that was cut short has left its instance; staging serves another one now.
        return answer is not UndoAnswer.Undone
            || await rollout.RetireAsync(assignment.Environment(EnvironmentSettings.StagingName), RehearseRollbackStage.InstanceOf(assignment),
                assignment.Since, cancellation)
            ? answer
            : new UndoAnswer.NotYet(TimeSpan.FromMilliseconds(250), "requests under way are answered first");
    }
}
