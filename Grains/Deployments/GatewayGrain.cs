using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Orleans.Concurrency;

namespace Maestro.Deployments;

/// <inheritdoc cref="IGatewayGrain"/>
[StatelessWorker, ActsAs(Role.Gateway), GrainType("gateway")]
internal sealed class GatewayGrain(IGitHost git, Countersigning countersigning, Refusals refusals, TimeProvider time) : Grain, IGatewayGrain
{
    public async Task<string> OpenAsync(string application, string head, string baseBranch)
    {
        var registered = await GrainFactory.GetGrain<IApplicationsGrain>("applications/all").FindAsync(application)
            ?? throw new RefusedException(new Reason("application.unknown", "Only a registered application is deployed.", "a registered application",
                new UntrustedText(application).Shown(60), "Register it with: maestro app add."));
        var change = await git.OpenAsync(registered, head, baseBranch, Caller.Current?.Initiator ?? "", CancellationToken.None);
        return await OpenAsync(change);
    }

    public Task<string?> DecideAsync(string team, Envelope decision) => CarryAsync(
        team, "approval.refused", carrier => countersigning.Add<Decision>(decision, PredicateTypes.Decision, carrier, time.GetUtcNow()),
        (desk, countersigned) => desk.DecideAsync(countersigned));

    public Task<string?> BreakGlassAsync(string team, Envelope word) => CarryAsync(
        team, "break-glass.refused", carrier => countersigning.Add<GlassBreak>(word, GlassBreak.PredicateType, carrier, time.GetUtcNow()),
        (desk, countersigned) => desk.BreakGlassAsync(countersigned));

    private async Task<string?> CarryAsync(
        string team, string kind, Func<string, Envelope> countersign, Func<IApprovalDeskGrain, Envelope, Task<string?>> bring)
    {
        var (carrier, desk) = (Caller.Current?.Initiator ?? Principal.OfRole(Role.Gateway), $"desk/{team}");
        Envelope countersigned;
        try
        {
            countersigned = countersign(carrier);
        }
        catch (RefusedException refusal)
        {
            await refusals.NoteAsync(carrier, new UntrustedText(desk).Shown(80), kind, refusal.Reason);
            throw;
        }
        return await bring(GrainFactory.GetGrain<IApprovalDeskGrain>(desk), countersigned);
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
