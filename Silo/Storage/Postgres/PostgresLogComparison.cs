using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>Compares the deployments' log with the ledger, in the database.</summary>
internal static class PostgresLogComparison
{
    // OFFSET 0 keeps the order out of the joins: looking for the first row one by one would read the whole outbox for each.
    private const string Fact =
        """
        SELECT * FROM (
          SELECT l.deployment, l.number, COALESCE(g.body, o.body) IS NULL FROM deployment_log l
          LEFT JOIN ledger g ON g.key = 'log/' || l.deployment || '/' || l.number
          LEFT JOIN ledger_outbox o ON o.key = 'log/' || l.deployment || '/' || l.number
          WHERE COALESCE(g.body, o.body)::jsonb ->> 'entry' IS DISTINCT FROM encode(sha256(l.body), 'hex')
          OFFSET 0) AS missing
        ORDER BY deployment, number LIMIT 1
        """;

    private const string Row =
        """
        SELECT g.idx, g.key FROM ledger g WHERE g.key LIKE 'log/%' AND NOT EXISTS (
          SELECT 1 FROM deployment_log l WHERE 'log/' || l.deployment || '/' || l.number = g.key
            AND l.deployment = substring(g.key FROM '^log/(.*)/[0-9]+$'))
        ORDER BY g.idx LIMIT 1
        """;

    /// <summary>The first log row whose fact is neither in the ledger nor on its way there, or says something else; null where all agree.</summary>
    public static async Task<string?> MissingFactAsync(PostgresSource source, CancellationToken cancellation)
    {
        try
        {
            return (await source.SelectAsync(
                Fact,
                row => FormattableString.Invariant($"Entry {row.GetInt32(1)} of {row.GetString(0)}") + (row.GetBoolean(2)
                    ? " is in the log, and the ledger does not know it."
                    : " is not the one that the ledger tells of."),
                cancellation)).SingleOrDefault();
        }
        catch (OutsideException damaged) when (damaged.InnerException is PostgresException { SqlState: PostgresErrorCodes.InvalidTextRepresentation })
        {
            return "A fact of the ledger cannot be read.";
        }
    }

    /// <summary>The first fact of the ledger whose log row is gone; null where none is.</summary>
    public static async Task<string?> MissingRowAsync(PostgresSource source, CancellationToken cancellation) => (await source.SelectAsync(
        Row,
        row => FormattableString.Invariant($"Entry {row.GetInt64(0)} of the ledger tells of '{row.GetString(1)}', which is not in the log any more."),
        cancellation)).SingleOrDefault();
}
