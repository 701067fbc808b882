using Maestro.Evidence;

namespace Maestro.Agents.Review;

/// <summary>
/// One thing to look for: a pure function from text to findings, in time linear in the text. Only lines that the change adds or takes
/// away are causes; the rest of a file is context.
/// </summary>
public interface IDetector
{
    IEnumerable<Finding> InFile(ReadFile file) => [];

    IEnumerable<Finding> InChange(ReadChange change) => [];
}
