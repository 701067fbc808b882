using System.Text.RegularExpressions;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Files that decide how changes are built, checked or judged: a person looks at every change of them.</summary>
public sealed class SensitivePaths : IDetector
{
    private const string Message = "The file takes part in how changes are built, checked or judged, so a person looks at it.";

    private static readonly Regex Own = Linear.Regex(
        """^\.github/(workflows|actions)/|(^|/)(CODEOWNERS|maestro\.ya?ml|\.gitmodules|\.gitattributes|\.npmrc|\.yarnrc(\.yml)?|"""
        + """\.pypirc|pip\.conf|nuget\.config|\.gitlab-ci\.yml|jenkinsfile|azure-pipelines\.yml|\.travis\.yml|"""
        + """\.pre-commit-config\.yaml|action\.ya?ml)$|^\.(circleci|husky|githooks|buildkite)/""");

    public IEnumerable<Finding> InChange(ReadChange change)
    {
        var told = change.SensitivePaths.ToHashSet(StringComparer.Ordinal);
        foreach (var file in change.Files.Where(file => told.Remove(file.Path) | (Own.IsMatch(file.Path) || file.Before is { } before
            && Own.IsMatch(before))))
        {
            yield return file.Find("sensitive-path", Severity.Medium, 0, Message);
        }
        if (told.Count > 0)
        {
            yield return new("sensitive-path", Severity.Medium, "", 0, Message);
        }
    }
}
