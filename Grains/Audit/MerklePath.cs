using System.Collections.Immutable;
using System.Numerics;

namespace Maestro.Audit;

/// <summary>Leaves from <paramref name="From"/> up to and without <paramref name="To"/>.</summary>
public readonly record struct LeafRange(ulong From, ulong To)
{
    public ulong Count => To - From;

    /// <summary>Whether it is one complete subtree, whose hash never changes any more.</summary>
    public bool IsComplete => BitOperations.IsPow2(Count) && From % Count == 0;

    public LeafRange Left => this with { To = From + MerkleTree.LeftOf(Count) };

    public LeafRange Right => this with { From = From + MerkleTree.LeftOf(Count) };

    /// <summary>The complete subtrees that it is made of, from the left.</summary>
    public IEnumerable<LeafRange> Complete() => IsComplete ? [this] : Left.Complete().Concat(Right.Complete());
}

/// <summary>Which subtrees a proof is made of, in its order, by RFC 9162, sections 2.1.3.1 and 2.1.4.1.</summary>
public static class MerklePath
{
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public static ImmutableArray<LeafRange> OfInclusion(ulong index, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new Stack<LeafRange>();
        var tree = new LeafRange(0, size);
        while (tree.Count > 1)
        {
            var inLeft = index < tree.Left.To;
            path.Push(inLeft ? tree.Right : tree.Left);
            tree = inLeft ? tree.Left : tree.Right;
        }
        return [.. path];
    }

    /// <exception cref="ArgumentOutOfRangeException">The older tree is empty or the larger one.</exception>
    public static ImmutableArray<LeafRange> OfConsistency(ulong size1, ulong size2)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size1, size2);
        var path = new Stack<LeafRange>();
        var tree = new LeafRange(0, size2);
        while (size1 != tree.To)
        {
            var inLeft = size1 <= tree.Left.To;
            path.Push(inLeft ? tree.Right : tree.Left);
            tree = inLeft ? tree.Left : tree.Right;
        }
        // The older tree itself needs no proof where it is one of the newer one's subtrees from the first leaf on.
        return tree.From == 0 ? [.. path] : [tree, .. path];
    }
}
