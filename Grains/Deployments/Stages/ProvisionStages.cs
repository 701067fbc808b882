using System.Text.Json;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Custody;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>Takes staging's lock and applies exactly the approved plan.</summary>
public sealed class ProvisionStagingStage(Provisioning provisioning, ApprovalCheck approvals, IGrainFactory grains, TimeProvider time)
    : IStage<(TestsPassed Tests, ImageCleared Cleared, StagingPlanned Planned, StagingPlanApproved Approved), StagingProvisioned>
{
    // It waits for the image too, so that staging's lock is held for minutes and never across a build.
    public async Task<Answer<StagingProvisioned>> AskAsync(
        Assignment assignment, (TestsPassed Tests, ImageCleared Cleared, StagingPlanned Planned, StagingPlanApproved Approved) needs,
        CancellationToken cancellation)
    {
        var isBroken = !needs.Approved.Glass.IsDefaultOrEmpty;
        if ((approvals.FindFault(assignment, needs.Planned, needs.Approved) ?? approvals.FindFault(needs.Approved.Glass, assignment.Since)) is { } fault)
        {
            return new Answer<StagingProvisioned>.Refused(fault);
        }
        if (isBroken)
        {
            await TellOfGlassAsync(assignment, needs.Approved);
        }
        return await provisioning.ApplyAsync(
            assignment, EnvironmentSettings.StagingName, needs.Planned.Plan, needs.Approved.Plan, passesHold: isBroken,
            (state, token) => new StagingProvisioned(needs.Approved.Plan, state.Lineage, state.Serial, token), cancellation);
    }

    // Custody tells of production's; nobody lends anything for staging, so it is told here, once for however many questions.
    private Task<long> TellOfGlassAsync(Assignment assignment, StagingPlanApproved approved) => grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(new(
        GlassDesk.UsedKey(assignment.Deployment, assignment.Attempt, Stage.StagingPlanReview), time.GetUtcNow(), GlassDesk.Used,
        Principal.OfRole(Role.Infrastructure), assignment.Deployment.ToString(), JsonSerializer.Serialize(new
        {
            environment = assignment.Environment(EnvironmentSettings.StagingName).ToString(),
            effect = assignment.Effect,
            plan = approved.Plan.Hex,
            glass = string.Join(", ", approved.By),
        })));
}

/// <summary>Takes production's lock and applies exactly the approved plan.</summary>
public sealed class ProvisionProductionStage(Provisioning provisioning)
    : IStage<(RollbackRehearsed Rehearsed, ProductionPlanned Planned, ProductionApproved Approved), ProductionProvisioned>
{
    // Production is touched here for the first time, so custody looks everything up here for the first time.
    public Task<Answer<ProductionProvisioned>> AskAsync(
        Assignment assignment, (RollbackRehearsed Rehearsed, ProductionPlanned Planned, ProductionApproved Approved) needs,
        CancellationToken cancellation) =>
        provisioning.ApplyAsync(
            assignment, EnvironmentSettings.ProductionName, needs.Planned.Plan, needs.Approved.Plan, passesHold: !needs.Approved.Glass.IsDefaultOrEmpty,
            (state, token) => new ProductionProvisioned(needs.Approved.Plan, state.Lineage, state.Serial, token), cancellation);
}

/// <summary>What both have in common: lock, hold, the plan's bytes by the approved digest, apply under the effect's name.</summary>
public sealed class Provisioning(IGrainFactory grains, IInfrastructure infrastructure, IBlobStore blobs, Custodian custodian)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public async Task<Answer<TProvisioned>> ApplyAsync<TProvisioned>(
        Assignment assignment, string name, Digest planned, Digest approved, bool passesHold, Func<InfrastructureState, long, TProvisioned> proof,
            CancellationToken cancellation)
        where TProvisioned : EnvironmentProvisioned
    {
        if (planned != approved)
        {
            return new Answer<TProvisioned>.Refused(new(
                "plan.not-approved", "Only the plan that people approved is applied.", approved.Abbreviated, planned.Abbreviated,
                    "Push again, so that a new plan is reviewed."));
        }
        var key = assignment.Environment(name);
        var environment = grains.GetGrain<IEnvironmentGrain>(key.ToString());
        // Two people broke the glass; for production custody verifies that they did, and what the hold is.
        if (!passesHold && (await environment.GetAsync()).Hold is { } hold)
        {
            return new Answer<TProvisioned>.Refused(new(
                "environment.held", "Nothing is promoted to an environment on hold.", "no hold", hold,
                $"Release it with: maestro env {key.Application} --release-hold {name} --reason \"…\", then: maestro retry."));
        }
        var grant = await environment.AcquireAsync(assignment.Holder);
        if (!grant.Granted)
        {
            return new Answer<TProvisioned>.NotYet(LookAgain, $"place {grant.Place} in the queue for {name}, which {grant.Holder} holds");
        }
        var (lease, missing) = await custodian.AskAsync(key, new(assignment.Deployment, assignment.Attempt, assignment.Stage, grant.Token, LeaseWay.Forward));
        if (missing is not null)
        {
            return new Answer<TProvisioned>.NotYet(Custodian.LookAgain, missing);
        }
        var document = await blobs.GetAsync(assignment.Deployment, approved, cancellation);
        if (document is null)
        {
            return new Answer<TProvisioned>.Refused(new(
                "plan.missing", "The approved plan's bytes must be there.", approved.Abbreviated, "nothing under this digest",
                    "Push again, so that a new plan is made."));
        }
        var state = await infrastructure.ApplyAsync(key, document, assignment.Effect, grant.Token, lease, cancellation);
        return new Answer<TProvisioned>.Proved(proof(state, grant.Token));
    }
}
