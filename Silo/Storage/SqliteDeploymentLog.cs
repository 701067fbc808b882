using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>
/// The deployments' log in SQLite: writes go through one <see cref="LogWriter"/>, reads through connections of their own.
/// </summary>
internal sealed class SqliteDeploymentLog(SqliteSource source) : IDeploymentLog, IAsyncDisposable
{
    private readonly LogWriter _writer = new(source);

    public Task<bool> AppendAsync(Append append, CancellationToken cancellation)
    {
        LogRows.Check(append);
        return _writer.WriteAsync(new LogWrite.Entry(append, LogJson.Bytes(append.Entry)), cancellation);
    }

    public Task SetDueAsync(DeploymentId deployment, int number, DateTimeOffset? due, CancellationToken cancellation) =>
        _writer.WriteAsync(new LogWrite.DueTime(deployment.ToString(), number, due), cancellation);

    public Task WakeAllAsync(DateTimeOffset now, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Execute("UPDATE deployment_head SET due = $now WHERE due IS NOT NULL", ("$now", now.ToText())), cancellation);

    public Task<Head?> ReadHeadAsync(DeploymentId deployment, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            $"SELECT {LogRows.HeadColumns} FROM deployment_head WHERE deployment = $deployment",
            LogRows.HeadOf, ("$deployment", deployment.ToString())).SingleOrDefault(),
        cancellation);

    public Task<ImmutableArray<StoredEntry>> ReadAsync(DeploymentId deployment, int from, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => connection.Select(
                """
                SELECT number, body, table_version, writer FROM deployment_log
                WHERE deployment = $deployment AND number >= $from ORDER BY number LIMIT $count
                """,
                row => LogRows.EntryOf(deployment, row),
                ("$deployment", deployment.ToString()), ("$from", from), ("$count", count)),
            cancellation);
    }

    public Task<ImmutableArray<DeploymentId>> ReadDueAsync(DateTimeOffset now, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => connection.Select(
                "SELECT deployment FROM deployment_head WHERE due IS NOT NULL AND due <= $now ORDER BY due LIMIT $count",
                LogRows.IdOf, ("$now", now.ToText()), ("$count", count)),
            cancellation);
    }

    public Task<ImmutableArray<Head>> PageAsync(DeploymentId? after, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => connection.Select(
                $"SELECT {LogRows.HeadColumns} FROM deployment_head WHERE deployment > $after ORDER BY deployment LIMIT $count",
                LogRows.HeadOf, ("$after", after?.ToString() ?? ""), ("$count", count)),
            cancellation);
    }

    public Task<ImmutableArray<Head>> ListAsync(string? application, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => application is null
                ? connection.Select(
                    $"SELECT {LogRows.HeadColumns} FROM deployment_head ORDER BY opened_at DESC LIMIT $count", LogRows.HeadOf, ("$count", count))
                : connection.Select(
                    $"SELECT {LogRows.HeadColumns} FROM deployment_head WHERE application = $application ORDER BY opened_at DESC LIMIT $count",
                    LogRows.HeadOf, ("$application", application), ("$count", count)),
            cancellation);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
