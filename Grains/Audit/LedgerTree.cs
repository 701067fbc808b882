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
        size == 0 ? MerkleTree.EmptyRoot() : await HashAsync(new(0, size), cancellation);

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
        var hashes = ImmutableArray.CreateBuilder<byte[]>(ranges.Length);
        foreach (var range in ranges)
        {
            hashes.Add(await HashAsync(range, cancellation));
        }
        return hashes.MoveToImmutable();
    }

    private async Task<byte[]> HashAsync(LeafRange range, CancellationToken cancellation)
    {
        if (!range.IsComplete)
        {
            var (left, right) = (await HashAsync(range.Left, cancellation), await HashAsync(range.Right, cancellation));
            return MerkleTree.NodeHash(left, right);
        }
        var level = BitOperations.Log2(range.Count) / LevelBits;
        var (first, count) = ((long)(range.From >> (level * LevelBits)), (int)(range.Count >> (level * LevelBits)));
        if (await tiles.FindAsync(level, first / Width, cancellation) is { } tile)
        {
            return tile.RootOf((int)(first % Width), count);
        }
        var nodes = await ReadNodesAsync(level, first, count, cancellation);
        return MerkleTree.RootOf([.. nodes.SelectMany(hash => hash)]);
    }

    private async Task<byte[][]> ReadNodesAsync(int level, long first, int count, CancellationToken cancellation)
    {
        var nodes = level > 0
            ? await tiles.ReadRootsAsync(level - 1, first, count, cancellation)
            : [.. (await ledger.ReadAsync(first, count, cancellation)).Select(LedgerLeaf.HashOf)];
        return nodes.Length == count
            ? [.. nodes]
            : throw new InvalidOperationException($"The ledger has only {nodes.Length} of the {count} nodes from {first} on at level {level} of its tree.");
    }
}
