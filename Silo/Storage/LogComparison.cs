using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>Compares the deployments' log with the ledger, a thousand rows at a time.</summary>
internal static class LogComparison
{
    private const int BatchRows = 1000;

    /// <summary>
    /// The first log row whose fact is neither in the ledger nor on its way there, or says something else; null where all agree.
    /// </summary>
    public static string? MissingFact(SqliteConnection connection, CancellationToken cancellation)
    {
        var (deployment, number) = ("", 0L);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = LogRows(connection, deployment, number);
            if (rows.Select(Difference).FirstOrDefault(difference => difference is not null) is { } difference)
            {
                return difference;
            }
            if (rows.Length < BatchRows)
            {
                return null;
            }
            (deployment, number) = (rows[^1].Deployment, rows[^1].Number);
        }
    }

    /// <summary>The first fact of the ledger whose log row is gone; null where none is.</summary>
    public static string? MissingRow(SqliteConnection connection, CancellationToken cancellation)
    {
        var index = -1L;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var facts = connection.Select(
                "SELECT idx, key FROM ledger WHERE idx > $idx ORDER BY idx LIMIT $count",
                row => (Index: row.GetInt64(0), Key: row.GetString(1)), ("$idx", index), ("$count", BatchRows));
            foreach (var (at, key) in facts.Where(fact => fact.Key.StartsWith("log/", StringComparison.Ordinal)))
            {
                if (!HasRow(connection, key))
                {
                    return FormattableString.Invariant($"Entry {at} of the ledger tells of '{key}', which is not in the log any more.");
                }
            }
            if (facts.Length < BatchRows)
            {
                return null;
            }
            index = facts[^1].Index;
        }
    }

    private static ImmutableArray<LogRow> LogRows(SqliteConnection connection, string deployment, long number) => connection.Select(
        """
        SELECT l.deployment, l.number, l.body, COALESCE(g.body, o.body) FROM deployment_log l
        LEFT JOIN ledger g ON g.key = 'log/' || l.deployment || '/' || l.number
        LEFT JOIN ledger_outbox o ON o.key = 'log/' || l.deployment || '/' || l.number
        WHERE (l.deployment, l.number) > ($deployment, $number)
        ORDER BY l.deployment, l.number LIMIT $count
        """,
        row => new LogRow(row.GetString(0), row.GetInt64(1), Digest.Of(row.Bytes(2)), row.Text(3)),
        ("$deployment", deployment), ("$number", number), ("$count", BatchRows));

    private static string? Difference(LogRow row)
    {
        var place = FormattableString.Invariant($"Entry {row.Number} of {row.Deployment}");
        if (row.Fact is null)
        {
            return $"{place} is in the log, and the ledger does not know it.";
        }
        return EntryOf(row.Fact) == row.Entry.Hex ? null : $"{place} is not the one that the ledger tells of.";
    }

    // Null where the fact names no entry, which no row agrees with.
    private static string? EntryOf(string fact)
    {
        try
        {
            using var body = JsonDocument.Parse(fact);
            return body.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.TryGetProperty("entry", out var entry) && entry.ValueKind == JsonValueKind.String
                ? entry.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool HasRow(SqliteConnection connection, string key)
    {
        var slash = key.LastIndexOf('/');
        return slash > 4 && long.TryParse(key.AsSpan(slash + 1), out var number) && !connection.Select(
            "SELECT 1 FROM deployment_log WHERE deployment = $deployment AND number = $number", row => row.GetInt32(0),
            ("$deployment", key[4..slash]), ("$number", number)).IsEmpty;
    }

    private sealed record LogRow(string Deployment, long Number, Digest Entry, string? Fact);
}
