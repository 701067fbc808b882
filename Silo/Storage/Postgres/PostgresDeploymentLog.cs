using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage.Postgres;

/// <summary>
/// The deployments' log in PostgreSQL: a few <see cref="PostgresLogWriter"/>s write, each for its share of the deployments, so that two never
/// wait for each other's rows; reads go through the pool.
/// </summary>
internal sealed class PostgresDeploymentLog : IDeploymentLog, IAsyncDisposable
{
    private const int Writers = 2;
    private readonly PostgresSource _source;
    private readonly ImmutableArray<PostgresLogWriter> _writers;

    public PostgresDeploymentLog(PostgresSource source) =>
        (_source, _writers) = (source, [.. Enumerable.Range(0, Writers).Select(_ => new PostgresLogWriter(source))]);

    public Task<bool> AppendAsync(Append append, CancellationToken cancellation)
    {
        LogRows.Check(append);
        return WriterOf(append.Deployment).WriteAsync(new PostgresWrite.Entry(append, LogJson.Bytes(append.Entry)), cancellation);
    }

    public Task SetDueAsync(DeploymentId deployment, int number, DateTimeOffset? due, CancellationToken cancellation) =>
        WriterOf(deployment).WriteAsync(new PostgresWrite.DueTime(deployment, number, due), cancellation);

    public Task WakeAllAsync(DateTimeOffset now, CancellationToken cancellation) =>
        _source.ExecuteAsync("UPDATE deployment_head SET due = $1 WHERE due > $1", cancellation, now.ToText());

    public async Task<Head?> ReadHeadAsync(DeploymentId deployment, CancellationToken cancellation) =>
        (await _source.SelectAsync($"SELECT {LogRows.HeadColumns} FROM deployment_head WHERE deployment = $1", LogRows.HeadOf, cancellation,
            deployment.ToString())).SingleOrDefault();

    public Task<ImmutableArray<StoredEntry>> ReadAsync(DeploymentId deployment, int from, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _source.SelectAsync(
            "SELECT number, body, table_version, writer FROM deployment_log WHERE deployment = $1 AND number >= $2 ORDER BY number LIMIT $3",
            row => LogRows.EntryOf(deployment, row), cancellation, deployment.ToString(), from, count);
    }

    public Task<ImmutableArray<DeploymentId>> ReadDueAsync(DateTimeOffset now, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _source.SelectAsync(
            "SELECT deployment FROM deployment_head WHERE due IS NOT NULL AND due <= $1 ORDER BY due LIMIT $2", LogRows.IdOf, cancellation,
            now.ToText(), count);
    }

    public Task<ImmutableArray<Head>> PageAsync(DeploymentId? after, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _source.SelectAsync(
            $"SELECT {LogRows.HeadColumns} FROM deployment_head WHERE deployment > $1 ORDER BY deployment LIMIT $2", LogRows.HeadOf, cancellation,
            after?.ToString() ?? "", count);
    }

    public Task<ImmutableArray<Head>> ListAsync(string? application, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return application is null
            ? _source.SelectAsync(
                $"SELECT {LogRows.HeadColumns} FROM deployment_head ORDER BY opened_at DESC LIMIT $1", LogRows.HeadOf, cancellation, count)
            : _source.SelectAsync(
                $"SELECT {LogRows.HeadColumns} FROM deployment_head WHERE application = $1 ORDER BY opened_at DESC LIMIT $2", LogRows.HeadOf,
                cancellation, application, count);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers)
        {
            await writer.DisposeAsync();
        }
    }

    private PostgresLogWriter WriterOf(DeploymentId deployment) =>
        _writers[(int)((uint)string.GetHashCode(deployment.ToString(), StringComparison.Ordinal) % Writers)];
}
