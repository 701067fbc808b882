using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Storage.Postgres;

/// <summary>
/// Outages in PostgreSQL, by the database's clock, because silos' clocks differ. What is known is empty until the first sign of life, so a
/// silo gives one before it decides anything.
/// </summary>
internal sealed class PostgresOutages(PostgresSource source) : IOutages
{
    private const string Now = """to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"0Z"')""";

    // The row lock makes one beat after the other see what the first wrote, and counting makes it read before this one is written.
    private const string Beat =
        $"""
        WITH last AS (SELECT at FROM signs_of_life WHERE one = 1 FOR UPDATE),
        gap AS (
          INSERT INTO outages (from_at, to_at) SELECT at, {Now} FROM last WHERE clock_timestamp() - at::timestamptz > interval '5 seconds')
        INSERT INTO signs_of_life (one, at) SELECT 1, {Now} FROM (SELECT COUNT(*) FROM last) AS seen
        ON CONFLICT (one) DO UPDATE SET at = GREATEST(signs_of_life.at, excluded.at)
        """;

    private ImmutableArray<Outage> _known = [];

    public ImmutableArray<Outage> Known => _known;

    public async Task BeatAsync(CancellationToken cancellation)
    {
        await source.ExecuteAsync(Beat, cancellation);
        await LookAsync(cancellation);
    }

    public async Task LookAsync(CancellationToken cancellation)
    {
        var known = await source.SelectAsync(
            "SELECT from_at, to_at FROM (SELECT id, from_at, to_at FROM outages ORDER BY id DESC LIMIT 100) newest ORDER BY id",
            row => new Outage(StoredTime.Parse(row.GetString(0)), StoredTime.Parse(row.GetString(1))), cancellation);
        ImmutableInterlocked.InterlockedExchange(ref _known, known);
    }
}
