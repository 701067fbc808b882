using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>
/// Which deployments are looked at next: the newest every time, and all the others in turn, so that a round costs the same however many there
/// are and none is forgotten.
/// </summary>
internal sealed class HeadRounds(IDeploymentLog log, int newest, int others)
{
    private DeploymentId? _after;

    public async Task<ImmutableArray<Head>> NextAsync(CancellationToken cancellation)
    {
        var first = await log.ListAsync(null, newest, cancellation);
        var page = await log.PageAsync(_after, others, cancellation);
        _after = page.Length < others ? null : page[^1].Deployment;
        return [.. first.Concat(page).DistinctBy(head => head.Deployment)];
    }
}
