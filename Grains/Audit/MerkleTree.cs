using System.Security.Cryptography;

namespace Maestro.Audit;

/// <summary>
/// The hashes of a Merkle tree as RFC 9162, section 2.1 (and RFC 6962 before it) has them, with SHA-256: a leaf is H(0x00 || data), a node
/// H(0x01 || left || right), and the empty tree H().
/// </summary>
public static class MerkleTree
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>The root of a tree without leaves.</summary>
    public static byte[] EmptyRoot() => SHA256.HashData([]);

    public static byte[] LeafHash(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> both = stackalloc byte[1 + (2 * HashSize)];
        both[0] = 1;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + HashSize)..]);
        return SHA256.HashData(both);
    }

    /// <summary>The root over hashes that lie side by side, of leaves or of complete subtrees of one height.</summary>
    public static byte[] RootOf(ReadOnlySpan<byte> hashes)
    {
        var count = hashes.Length / HashSize;
        if (count == 0)
        {
            return EmptyRoot();
        }
        if (count == 1)
        {
            return hashes.ToArray();
        }
        var left = (int)LeftOf((ulong)count) * HashSize;
        return NodeHash(RootOf(hashes[..left]), RootOf(hashes[left..]));
    }

    /// <summary>How many of <paramref name="count"/> leaves are in the left subtree: the largest power of two below it.</summary>
    public static ulong LeftOf(ulong count) => 1UL << System.Numerics.BitOperations.Log2(count - 1);
}
