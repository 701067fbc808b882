using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>The ledger's rows and its outbox in PostgreSQL, and the remembered head in a file beside the silo.</summary>
/// <param name="headPath">Where the ledger's head is remembered.</param>
internal sealed class PostgresLedgerStore(PostgresSource source, string headPath) : ILedgerStore
{
    // Nothing is appended unless the entry before is the last, and the primary key decides between two who saw the same one.
    // What is chained was read from the outbox's beginning, so that is where it is looked for: an index over the keys would cost every step.
    private const string Add =
        """
        WITH added AS (
          INSERT INTO ledger (idx, key, at, kind, actor, subject, body, before, hash)
          SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
          WHERE (SELECT COALESCE(MAX(idx), -1) FROM ledger) = $10
          RETURNING key),
        taken AS (
          DELETE FROM ledger_outbox
          WHERE position IN (SELECT position FROM ledger_outbox ORDER BY position LIMIT 1024) AND key IN (SELECT key FROM added))
        SELECT COUNT(*)::int FROM added
        """;

    // A fact that is chained already must not hold up those behind it.
    private const string Forget =
        """
        DELETE FROM ledger_outbox WHERE position IN (
          SELECT o.position FROM (SELECT position, key FROM ledger_outbox ORDER BY position LIMIT 1024) o JOIN ledger l ON l.key = o.key)
        """;

    private readonly Lock _remembering = new();


    public static PostgresLedgerStore Of(DataFolder data, PostgresSource source) => new(source, Path.Combine(data.Path, RememberedHead.FileName));

    public async Task<LedgerEntry?> ReadLastAsync(CancellationToken cancellation) =>
        (await source.SelectAsync($"SELECT {LedgerRows.Columns} FROM ledger ORDER BY idx DESC LIMIT 1", LedgerRows.EntryOf, cancellation)).SingleOrDefault();

    public Task<ImmutableArray<LedgerFact>> ReadOutboxAsync(int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.SelectAsync(
            "SELECT key, at, kind, actor, subject, body FROM ledger_outbox ORDER BY position LIMIT $1", row => LedgerRows.FactOf(row, 0), cancellation, count);
    }

    public async Task<bool> AppendAsync(long before, ImmutableArray<LedgerEntry> entries, CancellationToken cancellation)
    {
        LedgerRows.Check(before, entries);
        if (entries.IsEmpty)
        {
            return (await ReadLastAsync(cancellation))?.Index is var last && (last ?? -1) == before;
        }
        try
        {
            if (await source.RunAsync(connection => AddAsync(connection, before, entries, cancellation), cancellation) == 0)
            {
                return false;
            }
        }
        catch (OutsideException lost) when (lost.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
            ConstraintName: "ledger_pkey"
        })
        {
            return false;
        }
        catch (OutsideException known) when (known.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
            ConstraintName: "ledger_key_key"
        })
        {
            await source.ExecuteAsync(Forget, cancellation);
            return false;
        }
        await RememberAsync(entries[^1], cancellation);
        return true;
    }

    public async Task<long?> FindAsync(string key, CancellationToken cancellation) =>
        (await source.SelectAsync("SELECT idx FROM ledger WHERE key = $1", row => (long?)row.GetInt64(0), cancellation, key)).SingleOrDefault();

    public async Task<ImmutableDictionary<string, long>> FindAsync(ImmutableArray<string> keys, CancellationToken cancellation) =>
        (await source.SelectAsync(
            "SELECT key, idx FROM ledger WHERE key = ANY($1)", row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)),
            cancellation, (object)keys.ToArray()))
        .ToImmutableDictionary(StringComparer.Ordinal);

    public async Task<LedgerEntry?> FindLastAsync(string after, string before, CancellationToken cancellation) => (await source.SelectAsync(
        $"SELECT {LedgerRows.Columns} FROM ledger WHERE key > $1 AND key < $2 ORDER BY key DESC LIMIT 1", LedgerRows.EntryOf, cancellation, after, before))
        .SingleOrDefault();

    public Task<ImmutableArray<LedgerEntry>> ReadAsync(long from, int count, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.SelectAsync(
            $"SELECT {LedgerRows.Columns} FROM ledger WHERE idx >= $1 ORDER BY idx LIMIT $2", LedgerRows.EntryOf, cancellation, from, count);
    }

    /// <inheritdoc/>
    /// <remarks>Also compares the ledger's end with the remembered head, which only this store knows.</remarks>
    public async Task<string?> CompareLogAsync(CancellationToken cancellation)
    {
        // Before the rows: what is remembered was written, so a row that is added meanwhile is no difference.
        var remembered = RememberedHead.Read(headPath);
        return (remembered is null ? null : remembered.Difference(await EntryAtAsync(remembered.Index, cancellation)))
            ?? await PostgresLogComparison.MissingFactAsync(source, cancellation)
            ?? await PostgresLogComparison.MissingRowAsync(source, cancellation);
    }

    /// <summary>The last entry that this silo ever saw written; null where it wrote none.</summary>
    /// <exception cref="OutsideException">It is remembered and cannot be read.</exception>
    public Task<RememberedHead?> ReadRememberedHeadAsync(CancellationToken cancellation) =>
        Task.Run(() => RememberedHead.Read(headPath), cancellation);

    private static async Task<int> AddAsync(NpgsqlConnection connection, long before, ImmutableArray<LedgerEntry> entries, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Add, connection);
        LedgerEntry[] rows = [.. entries];
        void Column<T>(Func<LedgerEntry, T> value) => command.Parameters.AddColumn(Array.ConvertAll(rows, entry => value(entry)));
        Column(entry => entry.Index);
        Column(entry => entry.Fact.Key);
        Column(entry => entry.Fact.At.ToText());
        Column(entry => entry.Fact.Kind);
        Column(entry => entry.Fact.Actor);
        Column(entry => entry.Fact.Subject);
        Column(entry => entry.Fact.Body);
        Column(entry => entry.Before);
        Column(entry => entry.Hash);
        command.Add(before);
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<LedgerEntry?> EntryAtAsync(long index, CancellationToken cancellation) =>
        (await ReadAsync(index, 1, cancellation)).SingleOrDefault(entry => entry.Index == index);

    private async Task RememberAsync(LedgerEntry last, CancellationToken cancellation)
    {
        try
        {
            var head = RememberedHead.Read(headPath);
            // A ledger that was cut off is not to be made whole by growing over what is remembered.
            if (head is null || (head.Index < last.Index && head.Difference(await EntryAtAsync(head.Index, cancellation)) is null))
            {
                lock (_remembering)
                {
                    new RememberedHead(last.Index, last.Hash).Write(headPath);
                }
            }
        }
        catch (OutsideException)
        {
            // The entry is durable all the same; what is remembered may lag behind, and a damaged memory shows when it is compared.
        }
    }
}
