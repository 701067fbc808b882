using Maestro.Applications;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;
using Orleans.Concurrency;

namespace Maestro.Deployments;

/// <inheritdoc cref="IGatewayGrain"/>
[StatelessWorker, ActsAs(Role.Gateway), GrainType("gateway")]
internal sealed class GatewayGrain(IGitHost git) : Grain, IGatewayGrain
{
    public async Task<string> OpenAsync(string application, string head, string baseBranch)
    {
        var registered = await GrainFactory.GetGrain<IApplicationsGrain>("applications/all").FindAsync(application)
            ?? throw new RefusedException(new Reason("application.unknown", "Only a registered application is deployed.", "a registered application",
                new UntrustedText(application).Shown(60), "Register it with: maestro app add."));
        var change = await git.OpenAsync(registered, head, baseBranch, Caller.Current?.Initiator ?? "", CancellationToken.None);
        return await OpenAsync(change);
    }

    private async Task<string> OpenAsync(ChangeOpened change)
    {
        var id = change.Deployment();
        await GrainFactory.GetGrain<IDeploymentGrain>(id.ToString()).OpenAsync(change);
        return id.ToString();
    }
}

/// <summary>Which deployment a change belongs to.</summary>
public static class ChangeDeployment
{
    public static DeploymentId Deployment(this ChangeOpened change) =>
        DeploymentId.Of(change.Application.Host, change.Application.Owner, change.Application.Name, change.Number);
}
