using System.Collections.Immutable;

namespace Maestro.Audit;

/// <summary>256 neighbouring hashes of one level of the ledger's tree, by C2SP tlog-tiles.</summary>
/// <param name="Level">0 for the hashes of entries, 1 for the roots of 256 entries, and so on.</param>
/// <param name="Hashes">256 times 32 bytes.</param>
/// <param name="Root">The root over them, which is a hash of the level above.</param>
public sealed record Tile(int Level, long Number, ImmutableArray<byte> Hashes, ImmutableArray<byte> Root)
{
    /// <summary>How many hashes it has.</summary>
    public const int Width = 256;

    public TilePlace Place => new(Level, Number);

    public static Tile Of(int level, long number, byte[][] hashes)
    {
        byte[] all = [.. hashes.SelectMany(hash => hash)];
        return new(level, number, [.. all], [.. MerkleTree.RootOf(all)]);
    }

    /// <summary>The root over neighbouring hashes of it.</summary>
    public byte[] RootOf(int first, int count) =>
        MerkleTree.RootOf(Hashes.AsSpan().Slice(first * MerkleTree.HashSize, count * MerkleTree.HashSize));
}

/// <summary>Which tile it is.</summary>
public readonly record struct TilePlace(int Level, long Number);
