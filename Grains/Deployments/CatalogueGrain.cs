using Maestro.Identity;
using Maestro.Outside;
using Orleans.Concurrency;

namespace Maestro.Deployments;

/// <inheritdoc cref="ICatalogueGrain"/>
[StatelessWorker, ActsAs(Role.Control), GrainType("catalogue")]
internal sealed class CatalogueGrain(IDeploymentLog log) : Grain, ICatalogueGrain
{
    public async Task<IReadOnlyList<DeploymentSummary>> ListAsync(string? application, int limit)
    {
        var heads = await log.ListAsync(application, Math.Clamp(limit, 1, 500), CancellationToken.None);
        return [.. heads.Select(head => new DeploymentSummary(head.Deployment.ToString(), head.Application, head.Attempt, head.Status, head.Stage,
            head.UpdatedAt, head.HeadCommit))];
    }
}
