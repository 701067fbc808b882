using System.Collections.Immutable;
using System.Numerics;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>
/// The Merkle tree over the ledger's entries. Complete tiles of 256 hashes are stored; what is not complete yet is recomputed from at most 255
/// entries or tiles, so a proof reads a few rows however long the ledger is.
/// </summary>
public sealed class LedgerTree(ILedgerStore ledger, ITileStore tiles)
{
    private const int Width = Tile.Width;
    private const int LevelBits = 8;
    private const int Page = 16 * Width;

    /// <summary>The tree's root at this size.</summary>
    public async Task<byte[]> RootAsync(ulong size, CancellationToken cancellation) =>
        size == 0 ? MerkleTree.EmptyRoot() : (await HashAllAsync([new(0, size)], cancellation))[0];

    /// <summary>That entry <paramref name="index"/> is in the tree of this size.</summary>
    public async Task<ImmutableArray<byte[]>> ProveAsync(ulong index, ulong size, CancellationToken cancellation) =>
        await HashAllAsync(MerklePath.OfInclusion(index, size), cancellation);

    /// <summary>That the tree of <paramref name="size2"/> begins with that of <paramref name="size1"/>.</summary>
    public async Task<ImmutableArray<byte[]>> ProveBeginningAsync(ulong size1, ulong size2, CancellationToken cancellation) =>
        await HashAllAsync(MerklePath.OfConsistency(size1, size2), cancellation);

    /// <summary>Stores every tile that is complete at this size and is not stored yet. Twice does no harm.</summary>
    public async Task GrowAsync(ulong size, CancellationToken cancellation)
    {
        var made = ImmutableArray.CreateBuilder<Tile>();
        for (var (level, nodes) = (0, (long)size); nodes >= Width; level++, nodes /= Width)
        {
            for (var number = await tiles.CountAsync(level, cancellation); number < nodes / Width; number += made.Count)
            {
                made.Clear();
                var first = number * Width;
                var count = (int)Math.Min(Page, (nodes / Width * Width) - first);
                var hashes = await ReadNodesAsync(level, first, count, cancellation);
                for (var tile = 0; tile < count / Width; tile++)
                {
                    made.Add(Tile.Of(level, number + tile, hashes[(tile * Width)..((tile + 1) * Width)]));
                }
                await tiles.AddAsync(made.ToImmutable(), cancellation);
            }
        }
    }

    private async Task<ImmutableArray<byte[]>> HashAllAsync(ImmutableArray<LeafRange> ranges, CancellationToken cancellation)
    {
        var pieces = ranges.SelectMany(range => range.Complete()).Select(TilePiece.Of).ToLookup(piece => piece.Tile);
        var stored = (await tiles.FindAsync([.. pieces.Select(piece => piece.Key)], cancellation)).ToDictionary(tile => tile.Place);
        var hashes = new Dictionary<LeafRange, byte[]>();
        // What is not complete yet is the end of its level, so there is at most one such tile a level.
        await Task.WhenAll(pieces.Where(tile => !stored.ContainsKey(tile.Key)).Select(async tile =>
        {
            var first = tile.Min(piece => piece.First);
            var nodes = await ReadNodesAsync(tile.Key.Level, first, (int)(tile.Max(piece => piece.First + piece.Count) - first), cancellation);
            lock (hashes)
            {
                foreach (var piece in tile)
                {
                    var own = nodes[(int)(piece.First - first)..(int)(piece.First - first + piece.Count)];
                    hashes[piece.Leaves] = MerkleTree.RootOf([.. own.SelectMany(hash => hash)]);
                }
            }
        }));
        foreach (var piece in pieces.Where(tile => stored.ContainsKey(tile.Key)).SelectMany(tile => tile))
        {
            hashes[piece.Leaves] = stored[piece.Tile].RootOf((int)(piece.First % Width), piece.Count);
        }
        return [.. ranges.Select(range => HashOf(range, hashes))];
    }

    private static byte[] HashOf(LeafRange range, Dictionary<LeafRange, byte[]> hashes) =>
        range.IsComplete ? hashes[range] : MerkleTree.NodeHash(HashOf(range.Left, hashes), HashOf(range.Right, hashes));

    private async Task<byte[][]> ReadNodesAsync(int level, long first, int count, CancellationToken cancellation)
    {
        var nodes = level > 0
            ? await tiles.ReadRootsAsync(level - 1, first, count, cancellation)
            : [.. (await ledger.ReadAsync(first, count, cancellation)).Select(LedgerLeaf.HashOf)];
        return nodes.Length == count
            ? [.. nodes]
            : throw new InvalidOperationException($"The ledger has only {nodes.Length} of the {count} nodes from {first} on at level {level} of its tree.");
    }

    /// <summary>A complete subtree as neighbouring hashes of one tile.</summary>
    private readonly record struct TilePiece(LeafRange Leaves, int Level, long First, int Count)
    {
        public TilePlace Tile => new(Level, First / Width);

        public static TilePiece Of(LeafRange leaves)
        {
            var level = BitOperations.Log2(leaves.Count) / LevelBits;
            return new(leaves, level, (long)(leaves.From >> (level * LevelBits)), (int)(leaves.Count >> (level * LevelBits)));
        }
    }
}
