using System.Text.RegularExpressions;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Workflows of the git host that give strangers a say or a token.</summary>
public sealed class Workflows : IDetector
{
    private static readonly Regex Path = Linear.Regex(
        """^\.github/.*\.ya?ml$|(^|/)action\.ya?ml$|^\.gitea/.*\.ya?ml$|^\.forgejo/.*\.ya?ml$""");

    private static readonly Regex StrangersText = Linear.Regex(
        """\$\{\{[^}]*(github\.event\.[\w.\[\]*]*\.?(title|body|message|name|email|ref|label|page_name|head_branch|description|"""
        + """default_branch)\b|github\.head_ref|inputs\.|github\.event\.inputs)""");

    private static readonly Regex Run = Linear.Exact("""^(?<indent>\s*(-\s+)?)(run|script):""");

    private static readonly Regex Unpinned = Linear.Exact("""^\s*(-\s+)?uses:\s*["']?(?<action>[^\s"'#]+)""");

    private static readonly Regex Pin = Linear.Exact("""@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$|^\./""");

    private static readonly Regex Trigger = Linear.Exact("""(^|[\s\[,-])(pull_request_target|workflow_run)\s*([:,\]]|$)""");

    private static readonly Regex HeadOfStranger = Linear.Regex(
        """github\.event\.pull_request\.head\.(sha|ref)|github\.head_ref|refs/pull/""");

    public IEnumerable<Finding> InFile(ReadFile file)
    {
        if (!Path.IsMatch(file.Path))
        {
            yield break;
        }
        var trusted = file.New.Any(line => Trigger.IsMatch(line.Text));
        var block = -1;
        foreach (var line in file.New)
        {
            var indent = line.Text.Length - line.Text.AsSpan().TrimStart().Length;
            block = line.Text.AsSpan().TrimStart().Length > 0 && indent <= block ? -1 : block;
            var run = Run.Match(line.Text);
            block = run.Success ? run.Groups["indent"].Length : block;
            if (line.Changed && Judge(line.Text, block >= 0, trusted) is var (severity, message))
            {
                yield return file.Find("workflow", severity, line.Number, message);
            }
        }
    }

    private static (Severity Severity, string Message)? Judge(string text, bool runs, bool trusted)
    {
        var uses = Unpinned.Match(text);
        return runs && StrangersText.IsMatch(text)
            ? (Severity.High,
            "Text that a stranger chooses is put into a command of the workflow; hand it over as an environment variable.")
            : trusted && HeadOfStranger.IsMatch(text)
            ? (Severity.High, "A workflow that runs with the repository's secrets takes the code of the pull request.")
            : text.Contains("write-all", StringComparison.Ordinal) ? (Severity.High, "The workflow's token may change everything.")
            : text.Contains("ACTIONS_ALLOW_UNSECURE_COMMANDS", StringComparison.Ordinal) ? (Severity.High,
            "Output of steps may set the environment of later steps.")
            : Trigger.IsMatch(text)
            ? (Severity.Medium, "The workflow runs with the repository's secrets when a stranger opens a pull request.")
            : text.Contains("self-hosted", StringComparison.Ordinal) ? (Severity.Medium,
            "The workflow runs on a machine of the project's own.")
            : text.Contains("secrets: inherit", StringComparison.Ordinal)
            || text.Contains("toJSON(secrets)", StringComparison.OrdinalIgnoreCase)
            ? (Severity.Medium, "All secrets are handed on.")
            : uses.Success && !Pin.IsMatch(uses.Groups["action"].Value) ? (Severity.Medium,
            "An action is not pinned to a commit, so its owner can change what runs.")
            : null;
    }
}
