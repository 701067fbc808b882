using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>
/// The deployments' log in SQLite: writes go through one <see cref="LogWriter"/>, reads through connections of their own.
/// </summary>
internal sealed class SqliteDeploymentLog(SqliteSource source) : IDeploymentLog, IAsyncDisposable
{
    /// <summary>In bytes.</summary>
    public const int SnapshotLimit = 1900;

    private const string HeadColumns =
        "deployment, application, attempt, number, table_version, status, stage, head_commit, base_commit, updated_at, due, snapshot";
    private readonly LogWriter _writer = new(source);

    public Task<bool> AppendAsync(Append append, CancellationToken cancellation)
    {
        if (append.Head.Deployment != append.Deployment || append.Head.Number != append.Number)
        {
            throw new ArgumentException("The head must be that of the entry it is written with.", nameof(append));
        }
        if (append.Head.Snapshot.Length > SnapshotLimit)
        {
            throw new RefusedException(new Reason(
                "storage.snapshot", "A head's snapshot is at most 1,900 bytes.", "at most 1900 bytes",
                $"{append.Head.Snapshot.Length} bytes",
                "This is a defect in Maestro; please report it."));
        }
        return _writer.WriteAsync(new LogWrite.Entry(append, LogJson.Bytes(append.Entry)), cancellation);
    }

    public Task SetDueAsync(DeploymentId deployment, int number, DateTimeOffset? due, CancellationToken cancellation) =>
        _writer.WriteAsync(new LogWrite.DueTime(deployment.ToString(), number, due), cancellation);

    public Task WakeAllAsync(DateTimeOffset now, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Execute("UPDATE deployment_head SET due = $now WHERE due IS NOT NULL", ("$now", now.ToText())), cancellation);

    public Task<Head?> ReadHeadAsync(DeploymentId deployment, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            $"SELECT {HeadColumns} FROM deployment_head WHERE deployment = $deployment",
            HeadOf, ("$deployment", deployment.ToString())).SingleOrDefault(),
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
                row => EntryOf(deployment, row),
                ("$deployment", deployment.ToString()), ("$from", from), ("$count", count)),
            cancellation);
    }

    public Task<ImmutableArray<DeploymentId>> ReadDueAsync(DateTimeOffset now, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => connection.Select(
                "SELECT deployment FROM deployment_head WHERE due IS NOT NULL AND due <= $now ORDER BY due LIMIT $count",
                IdOf, ("$now", now.ToText()), ("$count", count)),
            cancellation);
    }

    public Task<ImmutableArray<Head>> PageAsync(DeploymentId? after, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => connection.Select(
                $"SELECT {HeadColumns} FROM deployment_head WHERE deployment > $after ORDER BY deployment LIMIT $count",
                HeadOf, ("$after", after?.ToString() ?? ""), ("$count", count)),
            cancellation);
    }

    public Task<ImmutableArray<Head>> ListAsync(string? application, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => application is null
                ? connection.Select(
                    $"SELECT {HeadColumns} FROM deployment_head ORDER BY updated_at DESC LIMIT $count", HeadOf, ("$count", count))
                : connection.Select(
                    $"SELECT {HeadColumns} FROM deployment_head WHERE application = $application ORDER BY updated_at DESC LIMIT $count",
                    HeadOf, ("$application", application), ("$count", count)),
            cancellation);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static DeploymentId IdOf(SqliteDataReader row) =>
        DeploymentId.TryParse(row.GetString(0), out var id)
            ? id
            : throw StorageFailure.Damaged("A row of the deployments names no deployment.");

    private static StoredEntry EntryOf(DeploymentId deployment, SqliteDataReader row)
    {
        try
        {
            return new(row.GetInt32(0), LogJson.Read(row.Bytes(1)), row.GetInt32(2), row.GetString(3));
        }
        catch (JsonException failure)
        {
            throw StorageFailure.Damaged($"Entry {row.GetInt32(0)} of {deployment} cannot be read.", failure);
        }
    }

    private static Head HeadOf(SqliteDataReader row)
    {
        try
        {
            return new(
                IdOf(row), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetString(5), row.Text(6), row.GetString(7),
                row.GetString(8), StoredTime.Parse(row.GetString(9)), row.Text(10) is { } due ? StoredTime.Parse(due) : null, row.Bytes(11));
        }
        catch (FormatException failure)
        {
            throw StorageFailure.Damaged($"The head of {row.GetString(0)} cannot be read.", failure);
        }
    }
}
