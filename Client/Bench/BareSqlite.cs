using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Maestro.Bench;

/// <summary>What the bare library does: one transaction changes a state of 1.5 KB and inserts an event of 300 bytes, with full synchronous writes.</summary>
internal sealed class BareSqlite : IDisposable
{
    private const int States = 1000;
    private readonly SqliteConnection _connection;

    public BareSqlite(string path)
    {
        _connection = new($"Data Source={path};Pooling=False");
        _connection.Open();
        Run(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE state (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, state BLOB NOT NULL);
            CREATE TABLE event (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, payload BLOB NOT NULL, hash BLOB NOT NULL);
            WITH RECURSIVE ids (id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM ids WHERE id < 999) INSERT INTO state SELECT id, 0, randomblob(1500) FROM ids;
            """);
    }

    public double StepsPerSecond(TimeSpan time, CancellationToken cancellation)
    {
        using var command = _connection.CreateCommand();
        command.CommandText =
            "UPDATE state SET version = version + 1, state = $state WHERE id = $id; INSERT INTO event (state, payload, hash) VALUES ($id, $payload, $hash)";
        var id = command.Parameters.AddWithValue("$id", 0);
        var state = command.Parameters.AddWithValue("$state", Array.Empty<byte>());
        var payload = command.Parameters.AddWithValue("$payload", Array.Empty<byte>());
        var hash = command.Parameters.AddWithValue("$hash", Array.Empty<byte>());
        var (started, steps) = (Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            cancellation.ThrowIfCancellationRequested();
            (id.Value, state.Value) = (steps++ % States, RandomNumberGenerator.GetBytes(1500));
            (payload.Value, hash.Value) = (RandomNumberGenerator.GetBytes(300), RandomNumberGenerator.GetBytes(32));
            using var transaction = _connection.BeginTransaction();
            command.Transaction = transaction;
            command.ExecuteNonQuery();
            transaction.Commit();
        }
        return steps / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public void Dispose() => _connection.Dispose();

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "The benchmark's own statements.")]
    private void Run(string sql)
    {
        using var command = new SqliteCommand(sql, _connection);
        command.ExecuteNonQuery();
    }
}
