using System.Collections.Immutable;
using System.Numerics;

namespace Maestro.Audit;

/// <summary>Checks proofs over a Merkle tree, by RFC 9162, sections 2.1.3.2 and 2.1.4.2. Anything malformed proves nothing.</summary>
public static class MerkleProof
{
    /// <summary>Whether the leaf is entry <paramref name="index"/> of the tree with this size and root.</summary>
    public static bool Includes(ulong index, ulong size, byte[] leafHash, ImmutableArray<byte[]> proof, byte[] root)
    {
        if (index >= size || !AreHashes([leafHash, root, .. proof]))
        {
            return false;
        }
        var walk = new Walk(index, size - 1);
        var hash = leafHash;
        foreach (var sibling in proof)
        {
            if (walk.IsDone)
            {
                return false;
            }
            hash = walk.StepIsRight() ? MerkleTree.NodeHash(sibling, hash) : MerkleTree.NodeHash(hash, sibling);
        }
        return walk.IsDone && hash.AsSpan().SequenceEqual(root);
    }

    /// <summary>
    /// Whether the tree of <paramref name="size2"/> begins with all that was in the tree of <paramref name="size1"/>. Nothing follows from an
    /// empty tree, so a size of zero is refused.
    /// </summary>
    public static bool Extends(ulong size1, byte[] root1, ulong size2, byte[] root2, ImmutableArray<byte[]> proof)
    {
        if (size1 == 0 || size1 > size2)
        {
            return false;
        }
        if (size1 == size2)
        {
            return proof.IsEmpty && root1.AsSpan().SequenceEqual(root2);
        }
        if (!AreHashes([root1, root2, .. proof]))
        {
            return false;
        }
        var path = BitOperations.IsPow2(size1) ? proof.Insert(0, root1) : proof;
        if (proof.IsEmpty)
        {
            return false;
        }
        var walk = Walk.FromComplete(size1 - 1, size2 - 1);
        var (old, whole) = (path[0], path[0]);
        foreach (var sibling in path.Skip(1))
        {
            if (walk.IsDone)
            {
                return false;
            }
            (old, whole) = walk.StepIsRight()
                ? (MerkleTree.NodeHash(sibling, old), MerkleTree.NodeHash(sibling, whole))
                : (old, MerkleTree.NodeHash(whole, sibling));
        }
        return walk.IsDone && old.AsSpan().SequenceEqual(root1) && whole.AsSpan().SequenceEqual(root2);
    }

    private static bool AreHashes(IEnumerable<byte[]> hashes) => hashes.All(hash => hash?.Length == MerkleTree.HashSize);

    // The way up from a node (fn in the RFC) beside the way up from the last leaf (sn).
    private struct Walk(ulong node, ulong last)
    {
        private ulong _node = node;
        private ulong _last = last;

        public readonly bool IsDone => _last == 0;

        public static Walk FromComplete(ulong node, ulong last)
        {
            var complete = BitOperations.TrailingZeroCount(~node);
            return new Walk(node >> complete, last >> complete);
        }

        /// <summary>One level up. True where the sibling is on the left.</summary>
        public bool StepIsRight()
        {
            var right = (_node & 1) == 1 || _node == _last;
            // A last node without a sibling moves up until it has one.
            var up = right && (_node & 1) == 0 && _node != 0 ? BitOperations.TrailingZeroCount(_node) : 0;
            _node >>= up + 1;
            _last >>= up + 1;
            return right;
        }
    }
}
