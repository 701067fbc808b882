using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>The writer's connection with its statements. After a failure it is thrown away, and its open transaction with it.</summary>
internal sealed class LogStatements : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly PreparedStatement _begin;
    private readonly PreparedStatement _commit;
    private readonly PreparedStatement _entry;
    private readonly PreparedStatement _head;
    private readonly PreparedStatement _fact;
    private readonly PreparedStatement _due;

    public LogStatements(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _entry = new(connection,
            """
            INSERT INTO deployment_log (deployment, number, body, table_version, writer, at)
            SELECT $deployment, $number, $body, $table, $writer, $at
            WHERE $number = 1 + COALESCE((SELECT MAX(number) FROM deployment_log WHERE deployment = $deployment), 0)
            """,
            "$deployment", "$number", "$body", "$table", "$writer", "$at");
        _head = new(connection,
            """
            INSERT INTO deployment_head
              (deployment, application, attempt, number, table_version, status, stage, head_commit, base_commit, updated_at, due, snapshot, opened_at)
            VALUES ($deployment, $application, $attempt, $number, $table, $status, $stage, $commit, $base, $updated, $due, $snapshot, $updated)
            ON CONFLICT (deployment) DO UPDATE SET
              application = excluded.application, attempt = excluded.attempt, number = excluded.number, table_version = excluded.table_version,
              status = excluded.status, stage = excluded.stage, head_commit = excluded.head_commit,
              base_commit = excluded.base_commit, updated_at = excluded.updated_at,
              due = excluded.due, snapshot = excluded.snapshot,
              opened_at = CASE WHEN excluded.attempt > attempt THEN excluded.updated_at ELSE opened_at END
            """,
            "$deployment", "$application", "$attempt", "$number", "$table", "$status", "$stage", "$commit", "$base", "$updated", "$due", "$snapshot");
        _fact = new(connection,
            """
            INSERT INTO ledger_outbox (key, at, kind, actor, subject, body)
            SELECT $key, $at, $kind, $actor, $subject, $body
            WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE key = $key)
            ON CONFLICT (key) DO NOTHING
            """,
            "$key", "$at", "$kind", "$actor", "$subject", "$body");
        _due = new(connection,
            "UPDATE deployment_head SET due = $due WHERE deployment = $deployment AND number = $number",
            "$due", "$deployment", "$number");
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>Writes entry, head and outbox where the entry before is the last; false, and nothing written, where it is not.</summary>
    public bool Append(Append append, byte[] body)
    {
        var deployment = append.Deployment.ToString();
        if (_entry.Run(deployment, append.Number, body, append.TableVersion, append.Writer, append.Entry.At.ToText()) == 0)
        {
            return false;
        }
        var head = append.Head;
        _head.Run(deployment, head.Application, head.Attempt, head.Number, head.TableVersion, head.Status, head.Stage, head.HeadCommit,
            head.BaseCommit, head.UpdatedAt.ToText(), head.Due?.ToText(), head.Snapshot.ToArray());
        foreach (var fact in append.Outbox)
        {
            _fact.Run(fact.Key, fact.At.ToText(), fact.Kind, fact.Actor, fact.Subject, fact.Body);
        }
        return true;
    }

    public bool SetDue(string deployment, int number, DateTimeOffset? due) => _due.Run(due?.ToText(), deployment, number) == 1;

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _entry.Dispose();
        _head.Dispose();
        _fact.Dispose();
        _due.Dispose();
        _connection.Dispose();
    }
}
