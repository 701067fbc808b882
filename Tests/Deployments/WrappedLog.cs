using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>A log that passes everything on, for tests that change or count one thing.</summary>
internal abstract class WrappedLog(IDeploymentLog inner) : IDeploymentLog
{
    public virtual Task<bool> AppendAsync(Append append, CancellationToken cancellation) => inner.AppendAsync(append, cancellation);

    public Task<Head?> ReadHeadAsync(DeploymentId deployment, CancellationToken cancellation) => inner.ReadHeadAsync(deployment, cancellation);

    public virtual Task<ImmutableArray<StoredEntry>> ReadAsync(DeploymentId deployment, int from, int count, CancellationToken cancellation) =>
        inner.ReadAsync(deployment, from, count, cancellation);

    public Task SetDueAsync(DeploymentId deployment, int number, DateTimeOffset? due, CancellationToken cancellation) =>
        inner.SetDueAsync(deployment, number, due, cancellation);

    public Task WakeAllAsync(DateTimeOffset now, CancellationToken cancellation) => inner.WakeAllAsync(now, cancellation);

    public Task<ImmutableArray<DeploymentId>> ReadDueAsync(DateTimeOffset now, int count, CancellationToken cancellation) =>
        inner.ReadDueAsync(now, count, cancellation);

    public Task<ImmutableArray<Head>> PageAsync(DeploymentId? after, int count, CancellationToken cancellation) =>
        inner.PageAsync(after, count, cancellation);

    public Task<ImmutableArray<Head>> ListAsync(string? application, int count, CancellationToken cancellation) =>
        inner.ListAsync(application, count, cancellation);
}
