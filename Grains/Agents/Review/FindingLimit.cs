using Maestro.Evidence;

namespace Maestro.Agents.Review;

/// <summary>Bounds how many findings a file gives.</summary>
internal static class FindingLimit
{
    /// <summary>So many of each severity, or many small findings in front would hide a grave one behind them.</summary>
    public static IEnumerable<Finding> AtMost(this IEnumerable<Finding> findings, int ofEach)
    {
        var counts = new int[(int)Severity.Critical + 1];
        foreach (var finding in findings)
        {
            if (counts[(int)finding.Severity]++ < ofEach)
            {
                yield return finding;
            }
        }
    }
}
