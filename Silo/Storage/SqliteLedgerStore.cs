using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>The ledger's rows and its outbox in SQLite, and the remembered head in a file beside it.</summary>
/// <param name="headPath">Where the ledger's head is remembered.</param>
internal sealed class SqliteLedgerStore(SqliteSource source, string headPath) : ILedgerStore
{
    private readonly Lock _remembering = new();

    public static SqliteLedgerStore Of(DataFolder data, SqliteSource source) =>
        new(source, Path.Combine(data.Path, RememberedHead.FileName));

    public Task<LedgerEntry?> ReadLastAsync(CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select($"SELECT {LedgerRows.Columns} FROM ledger ORDER BY idx DESC LIMIT 1", LedgerRows.EntryOf).SingleOrDefault(),
        cancellation);

    public Task<ImmutableArray<LedgerFact>> ReadOutboxAsync(int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => connection.Select(
                "SELECT key, at, kind, actor, subject, body FROM ledger_outbox ORDER BY position LIMIT $count",
                row => LedgerRows.FactOf(row, 0), ("$count", count)),
            cancellation);
    }

    public Task<bool> AppendAsync(long before, ImmutableArray<LedgerEntry> entries, CancellationToken cancellation)
    {
        LedgerRows.Check(before, entries);
        return source.RunAsync(
            connection =>
            {
                var appended = connection.Immediately(() => Append(connection, before, entries));
                if (appended && !entries.IsEmpty)
                {
                    Remember(connection, entries[^1]);
                }
                return appended;
            },
            cancellation);
    }

    public Task<long?> FindAsync(string key, CancellationToken cancellation) => source.RunAsync<long?>(
        connection => connection.Select(
            "SELECT idx FROM ledger WHERE key = $key", row => (long?)row.GetInt64(0), ("$key", key)).SingleOrDefault(),
        cancellation);

    public Task<ImmutableDictionary<string, long>> FindAsync(ImmutableArray<string> keys, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            "SELECT key, idx FROM ledger WHERE key IN (SELECT value FROM json_each($keys))",
            row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)), ("$keys", JsonSerializer.Serialize(keys)))
            .ToImmutableDictionary(StringComparer.Ordinal),
        cancellation);

    public Task<LedgerEntry?> FindLastAsync(string after, string before, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            $"SELECT {LedgerRows.Columns} FROM ledger WHERE key > $after AND key < $before ORDER BY key DESC LIMIT 1", LedgerRows.EntryOf,
            ("$after", after), ("$before", before)).SingleOrDefault(),
        cancellation);

    public Task<ImmutableArray<LedgerEntry>> ReadAsync(long from, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.RunAsync(
            connection => connection.Select(
                $"SELECT {LedgerRows.Columns} FROM ledger WHERE idx >= $from ORDER BY idx LIMIT $count", LedgerRows.EntryOf,
                ("$from", from), ("$count", count)),
            cancellation);
    }

    /// <inheritdoc/>
    /// <remarks>Also compares the ledger's end with the remembered head, which only this store knows.</remarks>
    public Task<string?> CompareLogAsync(CancellationToken cancellation)
    {
        // Before the rows: what is remembered was written, so a row that is added meanwhile is no difference.
        var remembered = RememberedHead.Read(headPath);
        return source.RunAsync(
            connection => remembered?.Difference(EntryAt(connection, remembered.Index))
                ?? LogComparison.MissingFact(connection, cancellation)
                ?? LogComparison.MissingRow(connection, cancellation),
            cancellation);
    }

    /// <summary>The last entry that this store ever wrote; null where it wrote none.</summary>
    /// <exception cref="OutsideException">It is remembered and cannot be read.</exception>
    public Task<RememberedHead?> ReadRememberedHeadAsync(CancellationToken cancellation) =>
        Task.Run(() => RememberedHead.Read(headPath), cancellation);

    private static bool Append(SqliteConnection connection, long before, ImmutableArray<LedgerEntry> entries)
    {
        if (connection.Select("SELECT COALESCE(MAX(idx), -1) FROM ledger", row => row.GetInt64(0))[0] != before)
        {
            return false;
        }
        using var add = new PreparedStatement(connection,
            """
            INSERT INTO ledger (idx, key, at, kind, actor, subject, body, before, hash)
            VALUES ($idx, $key, $at, $kind, $actor, $subject, $body, $before, $hash)
            """,
            "$idx", "$key", "$at", "$kind", "$actor", "$subject", "$body", "$before", "$hash");
        using var take = new PreparedStatement(connection, "DELETE FROM ledger_outbox WHERE key = $key", "$key");
        foreach (var (index, fact, hashBefore, hash) in entries)
        {
            add.Run(index, fact.Key, fact.At.ToText(), fact.Kind, fact.Actor, fact.Subject, fact.Body, hashBefore, hash);
            take.Run(fact.Key);
        }
        return true;
    }

    private static LedgerEntry? EntryAt(SqliteConnection connection, long index) =>
        connection.Select($"SELECT {LedgerRows.Columns} FROM ledger WHERE idx = $idx", LedgerRows.EntryOf, ("$idx", index)).SingleOrDefault();

    private void Remember(SqliteConnection connection, LedgerEntry last)
    {
        lock (_remembering)
        {
            try
            {
                // A ledger that was cut off is not to be made whole by growing over what is remembered.
                if (RememberedHead.Read(headPath) is not { } head
                    || (head.Index < last.Index && head.Difference(EntryAt(connection, head.Index)) is null))
                {
                    new RememberedHead(last.Index, last.Hash).Write(headPath);
                }
            }
            catch (OutsideException)
            {
                // The entry is durable all the same; what is remembered may lag behind, and a damaged memory shows when it is compared.
            }
        }
    }
}
