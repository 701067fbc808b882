using System.Buffers;
using System.Collections.Immutable;
using Maestro.Evidence;

namespace Maestro.Agents.Review;

/// <summary>Rules that are put to the same lines.</summary>
internal sealed class RuleSet(ImmutableArray<LineRule> rules)
{
    /// <summary>Findings of one rule in one file; one more says no more.</summary>
    private const int FindingsPerRule = 10;

    private const int LinesJoined = 3;

    private const int LengthJoined = 2_000;

    private readonly SearchValues<string> _hints = SearchValues.Create(
        [.. rules.SelectMany(rule => rule.Hints).Distinct()], StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Findings in lines of code. A line that is only a comment is left out, unless something hidden in it ends the comment.
    /// </summary>
    public IEnumerable<Finding> InAdded(ReadFile file)
    {
        var left = rules.Where(rule => file.Language == Languages.Unknown || (rule.Languages & file.Language) != 0)
            .ToDictionary(rule => rule, _ => FindingsPerRule);
        foreach (var line in Commands(file.New))
        {
            if (left.Count == 0)
            {
                yield break;
            }
            if (!line.Text.AsSpan().ContainsAny(_hints))
            {
                continue;
            }
            foreach (var rule in Hits(file, line, left.Keys))
            {
                yield return file.Find(rule.Rule, file.IsTest ? rule.InTests : rule.Severity, line.Number, rule.Message);
                if (--left[rule] == 0)
                {
                    left.Remove(rule);
                }
            }
        }
    }

    /// <summary>Changed lines, each with the lines it is continued on: a command may be written on several.</summary>
    private static IEnumerable<SourceLine> Commands(ImmutableArray<SourceLine> lines)
    {
        for (var at = 0; at < lines.Length; at++)
        {
            var (text, changed) = (lines[at].Text, lines[at].Changed);
            for (var next = at + 1; next < lines.Length && next <= at + LinesJoined && text.Length < LengthJoined
                && (IsContinued(text) || lines[next].Text.AsSpan().TrimStart().StartsWith("| ")); next++)
            {
                text = string.Concat(text.AsSpan().TrimEnd('\\'), " ", lines[next].Text.AsSpan().TrimStart());
                changed |= lines[next].Changed;
            }
            if (changed)
            {
                yield return lines[at] with { Text = text };
            }
        }
    }

    private static bool IsContinued(string text) => text.AsSpan().TrimEnd() is [.., '\\' or '|' or '(' or '+'];

    private static List<LineRule> Hits(ReadFile file, SourceLine line, IEnumerable<LineRule> rules)
    {
        var hits = new List<LineRule>();
        foreach (var part in Comments.LiveParts(line.Text, file.Language))
        {
            hits.AddRange(rules.Where(rule => !hits.Contains(rule) && rule.Matches(part)));
        }
        return hits;
    }
}
