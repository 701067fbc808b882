using Maestro.Deployments;

namespace Maestro.Screen;

/// <summary>Stages that are passed although something that people count on did not take place, such as tests.</summary>
internal static class Cautions
{
    private const string Mark = "NOT ";

    public static bool IsOne(string? detail) => detail?.Contains(Mark, StringComparison.Ordinal) is true;

    /// <summary>One line for each, whole, so that nobody approves without having seen them.</summary>
    public static IEnumerable<Line> Of(DeploymentView view) => view.Stages
        .Where(stage => stage.Status is "proved" && IsOne(stage.Detail))
        .Select(stage => Line.Of(new Span($"! {stage.Stage}: {stage.Detail}", Tone.Waiting)) with { Indent = 2 });
}
