using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>The tiles of the ledger's tree in SQLite.</summary>
internal sealed class SqliteTileStore(SqliteSource source) : ITileStore
{
    public Task<long> CountAsync(int level, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            "SELECT COALESCE(MAX(number), -1) + 1 FROM ledger_tile WHERE level = $level", row => row.GetInt64(0), ("$level", level))[0],
        cancellation);

    public Task<ImmutableArray<Tile>> FindAsync(ImmutableArray<TilePlace> places, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            """
            SELECT level, number, hashes, root FROM ledger_tile
            WHERE (level, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each($places))
            """,
            CheckpointRows.TileOf, ("$places", JsonSerializer.Serialize(places.Select(place => new[] { place.Level, place.Number })))),
        cancellation);

    public Task<ImmutableArray<Tile>> ReadAsync(int level, long first, int count, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            "SELECT level, number, hashes, root FROM ledger_tile WHERE level = $level AND number >= $first AND number < $end ORDER BY number",
            CheckpointRows.TileOf, ("$level", level), ("$first", first), ("$end", first + count)),
        cancellation);

    public Task<ImmutableArray<byte[]>> ReadRootsAsync(int level, long first, int count, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            "SELECT root FROM ledger_tile WHERE level = $level AND number >= $first AND number < $end ORDER BY number",
            row => row.Bytes(0), ("$level", level), ("$first", first), ("$end", first + count)),
        cancellation);

    public Task AddAsync(ImmutableArray<Tile> tiles, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Immediately(() =>
        {
            foreach (var tile in tiles)
            {
                connection.Execute(
                    "INSERT INTO ledger_tile (level, number, hashes, root) VALUES ($level, $number, $hashes, $root) ON CONFLICT DO NOTHING",
                    ("$level", tile.Level), ("$number", tile.Number), ("$hashes", tile.Hashes.ToArray()), ("$root", tile.Root.ToArray()));
            }
            return true;
        }),
        cancellation);
}
