using Maestro.Applications;
using Maestro.Evidence;
using Maestro.Manifests;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>
/// Serves the image to production's users. It never trusts a predecessor, and nobody trusts it: custody looks everything up again and lends what
/// the edge asks for. The release before keeps running until the new one has settled, so that the way back is one switch.
/// </summary>
public sealed class PromoteStage(Releasing releasing, ManifestSource manifests, IGitHost git, INames names, IEdge edge, TimeProvider time)
    : IStage<(RollbackRehearsed Rehearsed, ProductionPlanned Planned, ProductionApproved Approved, ProductionProvisioned Provisioned), Promoted>, IUndoable
{
    public async Task<Answer<Promoted>> AskAsync(
        Assignment assignment, (RollbackRehearsed Rehearsed, ProductionPlanned Planned, ProductionApproved Approved,
            ProductionProvisioned Provisioned) needs, CancellationToken cancellation)
    {
        var production = assignment.Environment(EnvironmentSettings.ProductionName);
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        var served = (await edge.ReadAsync(production, cancellation)).Effect == assignment.Effect;
        Task MergeAsync() => !served && manifest.Merge == MergeMode.Before
            ? git.MergeAsync(assignment.Change.Application, assignment.Change, cancellation) : Task.CompletedTask;
        var outcome = await releasing.ReleaseAsync(
            assignment, EnvironmentSettings.ProductionName, needs.Approved.Image, manifest.Run, MergeAsync, cancellation);
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
