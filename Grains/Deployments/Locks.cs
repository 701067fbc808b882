using Maestro.Applications;
using Maestro.Deployments.Stages;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Gives back what an attempt may hold. Releasing what is not held is success, so it may be done again after a crash.</summary>
public sealed class Locks(IGrainFactory grains)
{
    public Task ReleaseStagingAsync(ChangeOpened change, DeploymentId deployment, int attempt) =>
        grains.GetGrain<IEnvironmentGrain>(new EnvironmentKey(change.Application.Name, EnvironmentSettings.StagingName).ToString())
            .ReleaseAsync(Assignment.HolderOf(deployment, attempt));

    public async Task ReleaseAsync(ChangeOpened change, DeploymentId deployment, int attempt)
    {
        foreach (var name in new[] { EnvironmentSettings.StagingName, EnvironmentSettings.ProductionName })
        {
            var environment = grains.GetGrain<IEnvironmentGrain>(new EnvironmentKey(change.Application.Name, name).ToString());
            await environment.ReleaseAsync(Assignment.HolderOf(deployment, attempt));
        }
    }
}
