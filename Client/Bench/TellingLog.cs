using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Bench;

/// <summary>The deployments' log, which tells of every entry once it is durable, and of every deployment that was looked at and waits on.</summary>
internal sealed class TellingLog(IDeploymentLog log, Action<DeploymentId, LogEntry> tell, Action<DeploymentId> rests) : IDeploymentLog
{
    public async Task<bool> AppendAsync(Append append, CancellationToken cancellation)
    {
        var appended = await log.AppendAsync(append, cancellation);
        if (appended)
        {
            tell(append.Deployment, append.Entry);
        }
        return appended;
    }

    public Task<Head?> ReadHeadAsync(DeploymentId deployment, CancellationToken cancellation) => log.ReadHeadAsync(deployment, cancellation);

    public Task<ImmutableArray<StoredEntry>> ReadAsync(DeploymentId deployment, int from, int count, CancellationToken cancellation) =>
        log.ReadAsync(deployment, from, count, cancellation);

    public async Task SetDueAsync(DeploymentId deployment, int number, DateTimeOffset? due, CancellationToken cancellation)
    {
        await log.SetDueAsync(deployment, number, due, cancellation);
        rests(deployment);
    }

    public Task WakeAllAsync(DateTimeOffset now, CancellationToken cancellation) => log.WakeAllAsync(now, cancellation);

    public Task<ImmutableArray<DeploymentId>> ReadDueAsync(DateTimeOffset now, int count, CancellationToken cancellation) =>
        log.ReadDueAsync(now, count, cancellation);

    public Task<ImmutableArray<Head>> PageAsync(DeploymentId? after, int count, CancellationToken cancellation) => log.PageAsync(after, count, cancellation);

    public Task<ImmutableArray<Head>> ListAsync(string? application, int count, CancellationToken cancellation) =>
        log.ListAsync(application, count, cancellation);
}
