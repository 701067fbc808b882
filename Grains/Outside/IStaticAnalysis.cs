using System.Collections.Immutable;
using Maestro.Evidence;

namespace Maestro.Outside;

/// <summary>An analysis of the changed files by a library of its own. It reads text; it loads no configuration of the repository and runs nothing.</summary>
public interface IStaticAnalysis
{
    /// <summary>The findings of the changed lines. No later stage may drop one of them.</summary>
    /// <exception cref="OutsideException">It did not finish within its time, so the change counts as partly unread.</exception>
    Task<ImmutableArray<Finding>> AnalyseAsync(Comparison comparison, CancellationToken cancellation);
}
