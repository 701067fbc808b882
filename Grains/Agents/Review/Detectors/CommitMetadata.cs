using System.Text;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>
/// Characters in commit messages and in the names of authors that rewrite or reorder what a log shows of them: whoever reads the log, in a
/// terminal or on a page, is deceived about who did what.
/// </summary>
public sealed class CommitMetadata : IDetector
{
    public const string Rule = "commit-metadata";

    private const int FindingsInAll = 20;

    public IEnumerable<Finding> InChange(ReadChange change) => change.Messages
        .SelectMany((message, index) => message.Split('\n').SelectMany(line => In(line, $"commit message {index + 1}")))
        .Concat(change.Names.SelectMany((name, index) => In(name, $"commit author {index + 1}")))
        .Distinct()
        .AtMost(FindingsInAll);

    private static IEnumerable<Finding> In(string text, string where)
    {
        var runes = text.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            var before = i > 0 ? runes[i - 1] : default;
            var after = i + 1 < runes.Length ? runes[i + 1] : default;
            // Reordering the words of a language that needs it takes no override, so these are judged as they are in code.
            if (HiddenCharacters.Judge(runes[i], before, after, code: IsOverride(runes[i])) is var (severity, _, message))
            {
                yield return new(Rule, severity, where, 0, message);
            }
        }
    }

    private static bool IsOverride(Rune rune) => rune.Value is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069;
}
