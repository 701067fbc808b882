using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Audit;

/// <summary>Whether one checkpoint follows from another.</summary>
public static class CheckpointComparison
{
    /// <summary>Why the next checkpoint does not follow from this one; null where it does.</summary>
    /// <param name="proof">That the tree of <paramref name="last"/> is the beginning of the next one's.</param>
    public static Reason? FindFault(this Checkpoint last, Checkpoint next, ImmutableArray<byte[]> proof)
    {
        if (last.Origin != next.Origin)
        {
            return Fault("ledger.origin", last.Origin, next.Origin);
        }
        if (next.Size < last.Size)
        {
            return Fault("ledger.rolled-back", $"at least {last.Size} entries", $"{next.Size}");
        }
        return MerkleProof.Extends(last.Size, [.. last.Root], next.Size, [.. next.Root], proof)
            ? null
            : Fault("ledger.forked", $"a ledger that begins with {last.Size} entries of root {Shown(last)}", $"one of {next.Size} entries that does not");
    }

    /// <summary>There is no checkpoint any more.</summary>
    public static Reason Gone(Checkpoint last) => Fault("ledger.rolled-back", $"at least {last.Size} entries", "no checkpoint");

    private static string Shown(Checkpoint checkpoint) => Convert.ToHexStringLower([.. checkpoint.Root[..6]]);

    private static Reason Fault(string code, string expected, string found) => new(
        code, "A ledger only grows, and everybody is shown the same one.", expected, found,
        "Nothing is released until it is found out who changed it: use maestro audit verify, and compare with the checkpoints kept elsewhere.");
}
