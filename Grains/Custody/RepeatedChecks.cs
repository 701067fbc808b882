using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>What of a verification can be repeated at any later time: branches have moved then, and something else is live.</summary>
public sealed class RepeatedChecks(EvidenceReader reader, FactReader facts)
{
    /// <exception cref="RefusedException">There is no such attempt of this application.</exception>
    public async Task<ImmutableArray<Check>> OfAsync(EnvironmentKey environment, DeploymentId deployment, int attempt, CancellationToken cancellation)
    {
        var evidence = await reader.ReadAsync(deployment, attempt, Stage.Promote, cancellation);
        var own = evidence.Assignment.Environment(EnvironmentSettings.ProductionName);
        if (own != environment)
        {
            throw new RefusedException(new Reason(
                "lease.environment", "A verification is of the deployment's own production.", own.ToString(), environment.ToString(), "Name the right one."));
        }
        var rerun = await facts.RerunAsync(evidence, cancellation);
        var approved = evidence.Find<ProductionApproved>();
        return
        [
            Checks.Of("rules", "rerun over the exact change", "no finding of high or critical", ChangeChecks.FindingsFault(rerun)),
            .. approved is null ? [] : new[]
            {
                Checks.Of("plan kept", "evidence store", approved.Plan.Abbreviated, await facts.PlanIsKeptAsync(evidence, cancellation) ? null : new Reason(
                    "plan.missing", "The approved plan's bytes must be there.", approved.Plan.Abbreviated, "nothing under this digest", "Restore the store.")),
            },
        ];
    }
}
