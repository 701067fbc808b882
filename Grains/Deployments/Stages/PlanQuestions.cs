using Maestro.Applications;
using Maestro.Evidence;

namespace Maestro.Deployments.Stages;

/// <summary>May this plan be applied to staging? Not asked where nothing changes.</summary>
public sealed class StagingPlanQuestion : IQuestion<StagingPlanned, StagingPlanApproved>
{
    public Question<StagingPlanApproved> Put(Assignment assignment, StagingPlanned needs) => needs.Changes.IsEmpty
        ? new Question<StagingPlanApproved>.DoesNotArise(new(needs.Plan, "nothing changes", [], []))
        : new Question<StagingPlanApproved>.Arises(
            new("May this plan be applied to staging?", needs.Plan, null, EnvironmentSettings.StagingName,
                assignment.Change.Application.Staging.Approvals + Approvers.Additional(needs), needs.Changes, []),
            given => new(needs.Plan, "approved by people", given.By, given.Envelopes) { Glass = given.Glass });
}

/// <summary>May this image and this plan go to production? Always asked: no production deployment without a human.</summary>
public sealed class ReleaseQuestion : IQuestion<(ImageCleared Image, RollbackRehearsed Rehearsal, ProductionPlanned Plan), ProductionApproved>
{
    public Question<ProductionApproved> Put(
        Assignment assignment, (ImageCleared Image, RollbackRehearsed Rehearsal, ProductionPlanned Plan) needs) =>
        new Question<ProductionApproved>.Arises(
            new("May this release, with this plan, go to production?", needs.Plan.Plan, needs.Image.Image, EnvironmentSettings.ProductionName,
                Math.Max(1, assignment.Change.Application.Production.Approvals) + Approvers.Additional(needs.Plan), needs.Plan.Changes, needs.Image.Findings),
            given => new(needs.Plan.Plan, needs.Image.Image, given.By, given.Envelopes, needs.Rehearsal) { Glass = given.Glass });
}

internal static class Approvers
{
    /// <summary>A plan that destroys, or that touches a public endpoint, needs one person more.</summary>
    public static int Additional(EnvironmentPlanned plan) => plan.Destroys || plan.TouchesEndpoints ? 1 : 0;
}
