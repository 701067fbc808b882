using Maestro.Applications;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Manifests;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>Merges as the manifest says, and ends the release before, which was kept running for the way back.</summary>
public sealed class FinishStage(IGitHost git, IGrainFactory grains, Rollout rollout, ManifestSource manifests) : IStage<Settled, Finished>
{
    public async Task<Answer<Finished>> AskAsync(Assignment assignment, Settled needs, CancellationToken cancellation)
    {
        var production = assignment.Environment(EnvironmentSettings.ProductionName);
        var view = await grains.GetGrain<IEnvironmentGrain>(production.ToString()).GetAsync();
        foreach (var before in view.Before)
        {
            if (!await rollout.RetireAsync(production, before.Effect, assignment.Since, cancellation))
            {
                return new Answer<Finished>.NotYet(TimeSpan.FromMilliseconds(200), "requests under way at the release before are answered first");
            }
        }
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        var merged = manifest.Merge == MergeMode.Never ? null : await git.MergeAsync(assignment.Change.Application, assignment.Change, cancellation);
        return new Answer<Finished>.Proved(new(merged));
    }
}
