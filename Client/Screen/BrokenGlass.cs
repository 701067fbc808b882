using Maestro.Deployments;

namespace Maestro.Screen;

/// <summary>That people were passed by two others: shown wherever a deployment is shown.</summary>
internal static class BrokenGlass
{
    /// <summary>What is to be said of it; null where nobody broke the glass.</summary>
    public static string? Of(DeploymentView view) => view.Stages.IsDefaultOrEmpty ? null
        : view.Stages.Where(stage => stage.Detail?.StartsWith(Sentences.Broken, StringComparison.Ordinal) is true)
            .Select(stage => $"{stage.Detail}, at {stage.Stage}").LastOrDefault();

    /// <summary>The line of a page; none where nobody broke the glass.</summary>
    public static IEnumerable<Line> LineOf(DeploymentView view, int label)
    {
        if (Of(view) is { } said)
        {
            yield return Line.Field("Glass", label, new Span(said, Tone.Bad));
        }
    }
}
