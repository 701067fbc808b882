using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Outside;

namespace Maestro.Storage.Postgres;

/// <summary>The tiles of the ledger's tree in PostgreSQL.</summary>
internal sealed class PostgresTileStore(PostgresSource source) : ITileStore
{
    public async Task<long> CountAsync(int level, CancellationToken cancellation) => (await source.SelectAsync(
        "SELECT COALESCE(MAX(number), -1) + 1 FROM ledger_tile WHERE level = $1", row => row.GetInt64(0), cancellation, (short)level))[0];

    public Task<ImmutableArray<Tile>> FindAsync(ImmutableArray<TilePlace> places, CancellationToken cancellation) => source.SelectAsync(
        """
        SELECT level, number, hashes, root FROM ledger_tile
        JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (level, number) USING (level, number)
        """,
        CheckpointRows.TileOf, cancellation, places.Select(place => (short)place.Level).ToArray(), places.Select(place => place.Number).ToArray());

    public Task<ImmutableArray<Tile>> ReadAsync(int level, long first, int count, CancellationToken cancellation) => source.SelectAsync(
        "SELECT level, number, hashes, root FROM ledger_tile WHERE level = $1 AND number >= $2 AND number < $3 ORDER BY number",
        CheckpointRows.TileOf, cancellation, (short)level, first, first + count);

    public Task<ImmutableArray<byte[]>> ReadRootsAsync(int level, long first, int count, CancellationToken cancellation) => source.SelectAsync(
        "SELECT root FROM ledger_tile WHERE level = $1 AND number >= $2 AND number < $3 ORDER BY number", row => row.Bytes(0),
        cancellation, (short)level, first, first + count);

    public Task AddAsync(ImmutableArray<Tile> tiles, CancellationToken cancellation) => source.ExecuteAsync(
        """
        INSERT INTO ledger_tile (level, number, hashes, root)
        SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])
        ON CONFLICT DO NOTHING
        """,
        cancellation, tiles.Select(tile => (short)tile.Level).ToArray(), tiles.Select(tile => tile.Number).ToArray(),
        tiles.Select(tile => tile.Hashes.ToArray()).ToArray(), tiles.Select(tile => tile.Root.ToArray()).ToArray());
}
