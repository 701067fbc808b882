using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Added lines that run text as code, start processes, read what is not theirs or reach out of the machine.</summary>
public sealed class DangerousCalls : IDetector
{
    private static readonly RuleSet Rules = new([.. DangerousCommandRules.All, .. DangerousCodeRules.All]);

    public IEnumerable<Finding> InFile(ReadFile file) => Rules.InAdded(file);
}
