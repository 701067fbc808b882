using System.Collections.Immutable;
using Maestro.Evidence;

namespace Maestro.Outside;

/// <summary>Judges a change by reading it. It never runs anything.</summary>
public interface IReviewer
{
    /// <summary>The verdict with its findings; a rejecting finding is never dropped by a later stage.</summary>
    Task<ChangeReviewed> ReviewAsync(Comparison comparison, ImmutableArray<string> sensitivePaths, CancellationToken cancellation);
}
