using System.Collections.Immutable;
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

    public Task<Tile?> FindAsync(int level, long number, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            "SELECT hashes, root FROM ledger_tile WHERE level = $level AND number = $number",
            row => new Tile(level, number, [.. row.Bytes(0)], [.. row.Bytes(1)]), ("$level", level), ("$number", number)).SingleOrDefault(),
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
