using System.Globalization;
using System.Runtime.InteropServices;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>Makes the tiles again that follow from the entries, beside a way through them, and compares the stored ones with them.</summary>
internal sealed class TileComparison(ITileStore store)
{
    private const int LevelBits = 8;
    private const int Page = 64;

    private readonly List<Level> _levels = [];
    private readonly List<Tile> _made = [];

    /// <summary>A subtree of this height has become complete, see <see cref="MerkleFrontier"/>.</summary>
    public void Add(int height, byte[] root)
    {
        if (height % LevelBits != 0)
        {
            return;
        }
        var level = height / LevelBits;
        if (level > 0)
        {
            _made.Add(_levels[level - 1].Complete(level - 1, root));
        }
        if (_levels.Count == level)
        {
            _levels.Add(new());
        }
        _levels[level].Add(root);
    }

    /// <summary>Compares what was made, once it is worth a way to the database.</summary>
    /// <returns>The first tile that is another one, as a sentence; null where there is none.</returns>
    public async Task<string?> FindDifferenceAsync(bool atEnd, CancellationToken cancellation)
    {
        if (_made.Count < Page && !atEnd)
        {
            return null;
        }
        foreach (var level in _made.GroupBy(tile => tile.Level))
        {
            var (first, count) = (level.First().Number, level.Count());
            var stored = (await store.ReadAsync(level.Key, first, count, cancellation)).ToDictionary(tile => tile.Number);
            var known = stored.Count < count ? await store.CountAsync(level.Key, cancellation) : 0;
            foreach (var tile in level)
            {
                // Tiles are stored when a checkpoint is signed, so the newest ones may not be there yet.
                if (stored.TryGetValue(tile.Number, out var found) ? !IsSame(tile, found) : tile.Number < known)
                {
                    return Sentence(tile, found is not null);
                }
            }
        }
        _made.Clear();
        return null;
    }

    private static bool IsSame(Tile made, Tile stored) =>
        made.Hashes.AsSpan().SequenceEqual(stored.Hashes.AsSpan()) && made.Root.AsSpan().SequenceEqual(stored.Root.AsSpan());

    private static string Sentence(Tile tile, bool stored)
    {
        var entries = 1L << (LevelBits * (tile.Level + 1));
        var place = string.Create(CultureInfo.InvariantCulture,
            $"Tile {tile.Number} of level {tile.Level} of the ledger's tree, over the entries {tile.Number * entries} to {((tile.Number + 1) * entries) - 1},");
        return stored ? $"{place} was changed: it does not follow from them." : $"{place} is missing.";
    }

    /// <summary>The tile of a level that is being filled.</summary>
    private sealed class Level
    {
        private byte[] _hashes = new byte[Tile.Width * MerkleTree.HashSize];
        private int _count;
        private long _complete;

        public void Add(byte[] hash) => hash.CopyTo(_hashes, _count++ * MerkleTree.HashSize);

        public Tile Complete(int level, byte[] root)
        {
            var tile = new Tile(level, _complete++, ImmutableCollectionsMarshal.AsImmutableArray(_hashes), [.. root]);
            (_hashes, _count) = (new byte[_hashes.Length], 0);
            return tile;
        }
    }
}
