using Maestro.Applications;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Manifests;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>
/// Serves the image to production's users. It never trusts a predecessor: everything it relies on is looked up again first. The release
/// before keeps running until the new one has settled, so that the way back is one switch.
/// </summary>
public sealed class PromoteStage(Releasing releasing, LastCheck check, ManifestSource manifests, IGitHost git, INames names, IEdge edge, TimeProvider time)
    : IStage<(RollbackRehearsed Rehearsed, ProductionPlanned Planned, ProductionApproved Approved, ProductionProvisioned Provisioned), Promoted>, IUndoable
{
    public async Task<Answer<Promoted>> AskAsync(
        Assignment assignment, (RollbackRehearsed Rehearsed, ProductionPlanned Planned, ProductionApproved Approved,
            ProductionProvisioned Provisioned) needs, CancellationToken cancellation)
    {
        var production = assignment.Environment(EnvironmentSettings.ProductionName);
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        var served = (await edge.ReadAsync(production, cancellation)).Effect == assignment.Effect;
        if (!served && await check.FindDifferenceAsync(assignment, needs.Rehearsed, needs.Planned, needs.Approved, needs.Provisioned.Plan,
            Role.Deployment, cancellation) is { } difference)
        {
            return new Answer<Promoted>.Refused(difference);
        }
        if (!served && manifest.Merge == MergeMode.Before)
        {
            await git.MergeAsync(assignment.Change.Application, assignment.Change, cancellation);
        }
        var outcome = await releasing.ReleaseAsync(assignment, EnvironmentSettings.ProductionName, needs.Approved.Image, manifest.Run, cancellation);
        if (outcome is not Releasing.Outcome.Live live)
        {
            return outcome is Releasing.Outcome.NotYet notYet
                ? new Answer<Promoted>.NotYet(notYet.LookAgain, notYet.Waiting)
                : new Answer<Promoted>.Refused(((Releasing.Outcome.Refused)outcome).Reason);
        }
        await names.PointAsync(production, assignment.Change.Application.Production.Port, cancellation);
        return new Answer<Promoted>.Proved(new(needs.Approved.Image, live.Release.Id, live.Token, time.GetUtcNow(), live.Before));
    }

    public Task<UndoAnswer> UndoAsync(Assignment assignment, CancellationToken cancellation)
    {
        var byPerson = assignment.Code is Codes.Aborted or Codes.RolledBackByCommand;
        var hold = byPerson ? null : $"rolled back by itself ({assignment.Code}) from {assignment.Effect}";
        return releasing.TakeBackAsync(assignment, EnvironmentSettings.ProductionName, hold, cancellation);
    }
}
