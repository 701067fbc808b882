namespace Maestro.Deployments;

/// <summary>Why something was refused or broke: the rule, what was expected, what was found, and the way out.</summary>
/// <param name="Code">A stable code such as <c>review.rejected</c>; the only part that enters the log.</param>
/// <param name="Rule">The rule in one sentence.</param>
[GenerateSerializer, Immutable, Alias("maestro.reason")]
public sealed record Reason(
    [property: Id(0)] string Code, [property: Id(1)] string Rule, [property: Id(2)] string Expected,
    [property: Id(3)] string Found, [property: Id(4)] string WayOut)
{
    public override string ToString() => $"{Rule} Expected: {Expected}. Found: {Found}. {WayOut}";
}
