using Maestro.Applications;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Reads the change of a deployment from where it lives: the registration from the register, the commits from the git host.</summary>
public sealed class Changes(IGrainFactory grains, IGitHost git)
{
    /// <exception cref="RefusedException">The application is not registered, or the pull request belongs to another deployment.</exception>
    public async Task<ChangeOpened> ReadAsync(DeploymentId deployment, string application)
    {
        var registered = await grains.GetGrain<IApplicationsGrain>("applications/all").FindAsync(application)
            ?? throw new RefusedException(new Reason("application.unknown", "Only a registered application is deployed.", "a registered application",
                new UntrustedText(application).Shown(60), "Register it with: maestro app add."));
        var change = await git.ReadAsync(registered, deployment.Number, CancellationToken.None);
        return change.Deployment() == deployment
            ? change
            : throw new RefusedException(new Reason("change.other-deployment", "A change is deployed only under its own id.",
                deployment.ToString(), change.Deployment().ToString(), "Open the pull request with: maestro open."));
    }
}
