using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Inbox;

/// <summary>
/// Brings a delivery to its deployment, on behalf of its source, which can open, supersede and close and nothing else. Doing it again finds
/// what the first time did: which deployment it is for is written down before that is told.
/// </summary>
internal sealed class HandOver(IGrainFactory grains, IGitHost git, IInbox inbox)
{
    /// <returns>False where somebody else has taken it meanwhile.</returns>
    /// <exception cref="RefusedException">It can never be handed over.</exception>
    /// <exception cref="OutsideException">It cannot be handed over now.</exception>
    public async Task<bool> HandAsync(WaitingDelivery delivery, CancellationToken cancellation)
    {
        using var scope = CallerScope.As(Role.Gateway, new Caller(Principal.OfWebhook(delivery.Source), [], [], null));
        var application = await grains.GetGrain<IApplicationsGrain>("applications/all").FindAsync(delivery.Event.Application)
            ?? throw new RefusedException(new Reason("application.unknown", "Only a registered application is deployed.", "a registered application",
                new UntrustedText(delivery.Event.Application).Shown(60), "Register it with: maestro app add."));
        if (delivery.Event.Action == PullRequestAction.Closed)
        {
            return await CloseAsync(application, delivery, cancellation);
        }
        var change = await ReadAsync(application, delivery, cancellation);
        if (delivery.Deployment is null && !await inbox.AimAsync(delivery.Position, change.Deployment(), cancellation))
        {
            return false;
        }
        await Deployment(change.Deployment()).OpenAsync(change);
        return true;
    }

    private async Task<ChangeOpened> ReadAsync(Application application, WaitingDelivery delivery, CancellationToken cancellation)
    {
        var (happened, known) = (delivery.Event, delivery.Deployment);
        if (known is null && happened.Action == PullRequestAction.Opened)
        {
            return await git.OpenAsync(application, happened.Head, happened.Base, Principal.OfWebhook(delivery.Source), cancellation);
        }
        var number = known?.Number ?? await git.FindAsync(application, happened.Head, happened.Base, cancellation)
            ?? throw new RefusedException(new Reason("webhook.not-open", "Only an open pull request is updated.",
                $"an open one from {Shown(happened.Head)} to {Shown(happened.Base)}", "none", "Open it first."));
        return await git.ReadAsync(application, number, cancellation);
    }

    // Where none is open there is nothing to end: a merged one is closed too.
    private async Task<bool> CloseAsync(Application application, WaitingDelivery delivery, CancellationToken cancellation)
    {
        var number = delivery.Deployment?.Number ?? await git.FindAsync(application, delivery.Event.Head, delivery.Event.Base, cancellation);
        if (number is null)
        {
            return true;
        }
        var id = DeploymentId.Of(application.Host, application.Owner, application.Name, number.Value);
        if (delivery.Deployment is null && !await inbox.AimAsync(delivery.Position, id, cancellation))
        {
            return false;
        }
        await Deployment(id).CloseAsync();
        await git.CloseAsync(application, number.Value, cancellation);
        return true;
    }

    private IDeploymentGrain Deployment(DeploymentId id) => grains.GetGrain<IDeploymentGrain>(id.ToString());

    private static string Shown(string branch) => new UntrustedText(branch).Shown(60);
}
