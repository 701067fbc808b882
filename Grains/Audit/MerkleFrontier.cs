using System.Numerics;

namespace Maestro.Audit;

/// <summary>A tree that only grows and of which only the hashes of its complete subtrees are kept, one per bit of its size.</summary>
/// <param name="completed">Is told the height and the root of every subtree that becomes complete; null for nobody.</param>
public sealed class MerkleFrontier(Action<int, byte[]>? completed = null)
{
    private readonly Stack<byte[]> _subtrees = new();

    /// <summary>How many leaves were added.</summary>
    public ulong Size { get; private set; }

    public void Add(byte[] leafHash)
    {
        var hash = leafHash;
        completed?.Invoke(0, hash);
        for (var (height, full) = (1, BitOperations.TrailingZeroCount(~Size)); height <= full; height++)
        {
            hash = MerkleTree.NodeHash(_subtrees.Pop(), hash);
            completed?.Invoke(height, hash);
        }
        _subtrees.Push(hash);
        Size++;
    }

    /// <summary>The root over all leaves so far.</summary>
    public byte[] Root() => _subtrees.Count == 0 ? MerkleTree.EmptyRoot() : _subtrees.Aggregate((right, left) => MerkleTree.NodeHash(left, right));
}
