using Maestro.Audit;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>
/// Many writes in one round trip and one transaction: entries, heads and outbox in one statement, with a compare-and-set for each deployment,
/// and due times in another. No deployment may be in it twice.
/// </summary>
internal static class PostgresLogBatch
{
    private const string Append =
        """
        WITH given AS (
          SELECT * FROM unnest($1::text[], $2::int[], $3::bytea[], $4::int[], $5::text[], $6::text[], $7::text[], $8::int[], $9::text[], $10::text[],
              $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[])
            AS g (deployment, number, body, table_version, writer, at, application, attempt, status, stage, head_commit,
              base_commit, updated_at, due, snapshot)),
        moved AS (
          UPDATE deployment_head h SET
            application = g.application, attempt = g.attempt, number = g.number, table_version = g.table_version, status = g.status, stage = g.stage,
            head_commit = g.head_commit, base_commit = g.base_commit, updated_at = g.updated_at, due = g.due, snapshot = g.snapshot,
            opened_at = CASE WHEN g.attempt > h.attempt THEN g.updated_at ELSE h.opened_at END
          FROM given g WHERE h.deployment = g.deployment AND h.number = g.number - 1
          RETURNING h.deployment),
        begun AS (
          INSERT INTO deployment_head
            (deployment, application, attempt, number, table_version, status, stage, head_commit, base_commit, updated_at, due, snapshot,
             opened_at)
          SELECT deployment, application, attempt, number, table_version, status, stage, head_commit, base_commit, updated_at, due, snapshot, updated_at
          FROM given WHERE number = 1
          ON CONFLICT (deployment) DO NOTHING
          RETURNING deployment),
        won AS (SELECT deployment FROM moved UNION ALL SELECT deployment FROM begun),
        logged AS (
          INSERT INTO deployment_log (deployment, number, body, table_version, writer, at)
          SELECT deployment, number, body, table_version, writer, at FROM given JOIN won USING (deployment)),
        told AS (
          INSERT INTO ledger_outbox (key, at, kind, actor, subject, body)
          SELECT f.key, f.at, f.kind, f.actor, f.subject, f.body
          FROM unnest($16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[]) WITH ORDINALITY
            AS f (deployment, key, at, kind, actor, subject, body, place) JOIN won USING (deployment)
          ORDER BY f.place)
        SELECT deployment FROM won
        """;

    private const string SetDue =
        """
        UPDATE deployment_head h SET due = g.due FROM unnest($1::text[], $2::int[], $3::text[]) AS g (deployment, number, due)
        WHERE h.deployment = g.deployment AND h.number = g.number
        RETURNING h.deployment
        """;

    /// <returns>The deployments whose write took effect; durable.</returns>
    public static async Task<HashSet<string>> RunAsync(NpgsqlConnection connection, IReadOnlyCollection<PostgresWrite> writes)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, [.. writes.OfType<PostgresWrite.Entry>()]);
        Add(batch, [.. writes.OfType<PostgresWrite.DueTime>()]);
        await using var reader = await batch.ExecuteReaderAsync();
        var won = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            while (await reader.ReadAsync())
            {
                won.Add(reader.GetString(0));
            }
        }
        while (await reader.NextResultAsync());
        return won;
    }

    private static void Add(NpgsqlBatch batch, PostgresWrite.Entry[] writes)
    {
        if (writes.Length == 0)
        {
            return;
        }
        var command = new NpgsqlBatchCommand(Append);
        void Column<T>(Func<PostgresWrite.Entry, T> value) => command.Parameters.AddColumn(Array.ConvertAll(writes, write => value(write)));
        Column(write => write.Append.Deployment.ToString());
        Column(write => write.Append.Number);
        Column(write => write.Body);
        Column(write => write.Append.TableVersion);
        Column(write => write.Append.Writer);
        Column(write => write.Append.Entry.At.ToText());
        Column(write => write.Append.Head.Application);
        Column(write => write.Append.Head.Attempt);
        Column(write => write.Append.Head.Status);
        Column(write => write.Append.Head.Stage);
        Column(write => write.Append.Head.HeadCommit);
        Column(write => write.Append.Head.BaseCommit);
        Column(write => write.Append.Head.UpdatedAt.ToText());
        Column(write => write.Append.Head.Due?.ToText());
        Column(write => write.Append.Head.Snapshot.ToArray());
        AddFacts(command, [.. writes.SelectMany(write => write.Append.Outbox.Select(fact => (write.Append.Deployment.ToString(), fact)))]);
        batch.BatchCommands.Add(command);
    }

    private static void AddFacts(NpgsqlBatchCommand command, (string Deployment, LedgerFact Fact)[] facts)
    {
        void Column(Func<LedgerFact, string> value) => command.Parameters.AddColumn(Array.ConvertAll(facts, row => value(row.Fact)));
        command.Parameters.AddColumn(Array.ConvertAll(facts, row => row.Deployment));
        Column(fact => fact.Key);
        Column(fact => fact.At.ToText());
        Column(fact => fact.Kind);
        Column(fact => fact.Actor);
        Column(fact => fact.Subject);
        Column(fact => fact.Body);
    }

    private static void Add(NpgsqlBatch batch, PostgresWrite.DueTime[] writes)
    {
        if (writes.Length == 0)
        {
            return;
        }
        var command = new NpgsqlBatchCommand(SetDue);
        command.Parameters.AddColumn(Array.ConvertAll(writes, write => write.Deployment.ToString()));
        command.Parameters.AddColumn(Array.ConvertAll(writes, write => write.Number));
        command.Parameters.AddColumn(Array.ConvertAll(writes, write => write.Due?.ToText()));
        batch.BatchCommands.Add(command);
    }
}
