using System.Numerics;

namespace Maestro.Audit;

/// <summary>A tree that only grows and of which only the hashes of its complete subtrees are kept, one per bit of its size.</summary>
public sealed class MerkleFrontier
{
    private readonly Stack<byte[]> _subtrees = new();

    /// <summary>How many leaves were added.</summary>
    public ulong Size { get; private set; }

    public void Add(byte[] leafHash)
    {
        var hash = leafHash;
        for (var full = BitOperations.TrailingZeroCount(~Size); full > 0; full--)
        {
            hash = MerkleTree.NodeHash(_subtrees.Pop(), hash);
        }
        _subtrees.Push(hash);
        Size++;
    }

    /// <summary>The root over all leaves so far.</summary>
    public byte[] Root() => _subtrees.Count == 0 ? MerkleTree.EmptyRoot() : _subtrees.Aggregate((right, left) => MerkleTree.NodeHash(left, right));
}
