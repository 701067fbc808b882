using Maestro.Deployments;

namespace Maestro.Custody;

/// <summary>Makes comparisons.</summary>
internal static class Checks
{
    /// <param name="fault">Null where it holds; then what was found is what was expected.</param>
    public static Check Of(string name, string source, string expected, Reason? fault) => fault is null
        ? new(name, source, expected, expected, CheckResult.Holds)
        : new(name, source, fault.Expected, fault.Found, CheckResult.Differs, fault);

    public static Check Same(string name, string source, string code, string rule, Digest expected, Digest found) => Of(
        name, source, expected.Abbreviated,
        expected == found ? null : new(code, rule, expected.Abbreviated, found.Abbreviated, "Use: maestro retry."));

    /// <summary>A comparison that needs facts from outside.</summary>
    public static Check If(OutsideFacts? outside, string name, string source, Func<OutsideFacts, (string Expected, Reason? Fault)> compare)
    {
        if (outside is null)
        {
            return new(name, source, "", "", CheckResult.NotRepeated);
        }
        var (expected, fault) = compare(outside);
        return Of(name, source, expected, fault);
    }

    /// <summary>The first difference; null where all that was compared holds.</summary>
    public static Reason? FirstDifference(this IEnumerable<Check> checks) =>
        checks.FirstOrDefault(check => check.Result == CheckResult.Differs)?.Difference;
}
