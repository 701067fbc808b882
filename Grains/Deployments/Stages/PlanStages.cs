using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Evidence;
using Maestro.Outside;
using Maestro.Policies;

namespace Maestro.Deployments.Stages;

/// <summary>Plans staging. A plan that breaks a policy is refused before anybody is asked to read it.</summary>
public sealed class PlanStagingStage(Planning planning, ApprovalCheck approvals)
    : IStage<(ChangeReviewed Reviewed, RunAllowed Allowed), StagingPlanned>
{
    public async Task<Answer<StagingPlanned>> AskAsync(
        Assignment assignment, (ChangeReviewed Reviewed, RunAllowed Allowed) needs, CancellationToken cancellation) =>
        approvals.FindFault(assignment, needs.Reviewed, needs.Allowed) is { } fault ? new Answer<StagingPlanned>.Refused(fault)
        : await planning.PlanAsync(assignment, EnvironmentSettings.StagingName, (plan, digest, verdict) =>
            new StagingPlanned(digest, plan.Lineage, plan.Serial, plan.Changes, Shown(verdict), verdict.Bundle), cancellation);

    internal static ImmutableArray<string> Shown(PolicyVerdict verdict) =>
        [.. verdict.Violations.Select(violation => $"{violation.Policy}: {violation.Message}")];
}

/// <summary>Plans production, on the tree that staging has shown to work.</summary>
public sealed class PlanProductionStage(Planning planning) : IStage<StagingHealthy, ProductionPlanned>
{
    public Task<Answer<ProductionPlanned>> AskAsync(Assignment assignment, StagingHealthy needs, CancellationToken cancellation) =>
        planning.PlanAsync(assignment, EnvironmentSettings.ProductionName, (plan, digest, verdict) =>
            new ProductionPlanned(digest, plan.Lineage, plan.Serial, plan.Changes, PlanStagingStage.Shown(verdict), verdict.Bundle), cancellation);
}

/// <summary>What both plans have in common: declare from the merged tree, plan, judge by policy, keep the plan's bytes.</summary>
public sealed class Planning(IGitHost git, IInfrastructure infrastructure, IPolicyEngine policies, IBlobStore blobs, ManifestSource manifests)
{
    private const int MaxFiles = 100;
    private const long MaxBytes = 1 << 20;

    public async Task<Answer<TPlanned>> PlanAsync<TPlanned>(
        Assignment assignment, string environment, Func<InfrastructurePlan, Digest, PolicyVerdict, TPlanned> proof, CancellationToken cancellation)
        where TPlanned : EnvironmentPlanned
    {
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        var declaration = manifest.Infrastructure is { } declared
            ? await git.ReadFolderAsync(assignment.Change.Application, assignment.Change.MergeTree, declared.Directory, MaxFiles, MaxBytes, cancellation)
            : ImmutableDictionary<string, byte[]>.Empty;
        var plan = await infrastructure.PlanAsync(assignment.Environment(environment), declaration, cancellation);
        var verdict = await policies.JudgeAsync(Facts(assignment, environment, plan), cancellation);
        if (verdict.Violations.Where(violation => violation.Blocks).ToList() is { Count: > 0 } blocking)
        {
            return new Answer<TPlanned>.Refused(new(
                "policy.violated", "A plan that breaks a policy is not applied.", "no violation",
                string.Join(" ", blocking.Take(5).Select(violation => $"{violation.Policy}: {violation.Message}")),
                "Change the declaration, or ask an administrator about the policy."));
        }
        var digest = await blobs.PutAsync(assignment.Deployment, plan.Document, cancellation);
        return new Answer<TPlanned>.Proved(proof(plan, digest, verdict));
    }

    private static ReadOnlyMemory<byte> Facts(Assignment assignment, string environment, InfrastructurePlan plan) =>
        PolicyFacts.Of(assignment.Stage, assignment.Environment(environment), assignment.Change, plan,
            [assignment.Change.Application.Environment(environment).Port]);
}
