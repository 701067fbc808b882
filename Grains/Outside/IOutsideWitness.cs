using System.Collections.Immutable;
using Maestro.Audit;

namespace Maestro.Outside;

/// <summary>Somebody elsewhere who remembers what was seen of the ledger, and cosigns only what follows from it, by C2SP tlog-witness.</summary>
public interface IOutsideWitness
{
    /// <summary>The key that it cosigns with, which the operator was given by whoever runs it.</summary>
    NoteKey Key { get; }

    /// <summary>Shows it a checkpoint.</summary>
    /// <param name="old">The size of the checkpoint that it has seen last; zero where it has seen none.</param>
    /// <param name="proof">That the ledger of this checkpoint begins with that one.</param>
    /// <exception cref="OutsideException">It did not answer, or not in the form of the protocol.</exception>
    Task<WitnessAnswer> AddAsync(ulong old, ImmutableArray<byte[]> proof, SignedNote checkpoint, CancellationToken cancellation);
}

/// <summary>What an outside witness said.</summary>
public abstract record WitnessAnswer
{
    /// <summary>It follows from all that was seen.</summary>
    /// <param name="Lines">Its signature lines; nothing of them is checked yet.</param>
    public sealed record Cosigned(ImmutableArray<NoteSignature> Lines) : WitnessAnswer;

    /// <summary>It has seen another checkpoint last than the one that was named, or another one of this size.</summary>
    public sealed record HasSeen(ulong Size) : WitnessAnswer;

    /// <summary>The proof does not show that the ledger begins with what it has seen.</summary>
    public sealed record Unproved : WitnessAnswer;

    /// <summary>It does not witness this ledger: it does not know its name, or not its key.</summary>
    public sealed record Unknown(int Status) : WitnessAnswer;
}
