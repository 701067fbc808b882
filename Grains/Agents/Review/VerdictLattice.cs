using Maestro.Evidence;

namespace Maestro.Agents.Review;

/// <summary>The verdict is a matter of code: findings and coverage can only lower it.</summary>
public static class VerdictLattice
{
    /// <param name="coverage">The share of changed lines that were read, from 0 to 1.</param>
    public static Verdict Of(IEnumerable<Finding> findings, double coverage)
    {
        var worst = findings.Select(finding => finding.Severity).DefaultIfEmpty(Severity.Low).Max();
        return worst >= Severity.High ? Verdict.Reject
            : worst >= Severity.Medium || !(coverage >= 1) ? Verdict.Comment
            : Verdict.Approve;
    }
}
