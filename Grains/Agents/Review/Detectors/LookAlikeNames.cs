using System.Buffers;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Names in code that mix scripts, so that two different names look the same.</summary>
public sealed class LookAlikeNames : IDetector
{
    private const int FindingsPerFile = 20;

    private static readonly SearchValues<char> Foreign = SearchValues.Create(LookAlikes.Characters);

    public IEnumerable<Finding> InFile(ReadFile file)
    {
        var suspicious = file.Added.Where(line => line.Text.AsSpan().ContainsAny(Foreign)).ToArray();
        if (suspicious.Length == 0)
        {
            return [];
        }
        var names = file.New.SelectMany(line => Words(line.Text)).Where(word => word.All(char.IsAscii)).ToHashSet(StringComparer.Ordinal);
        return suspicious.SelectMany(line => InLine(file, line, names)).AtMost(FindingsPerFile);
    }

    private static IEnumerable<Finding> InLine(ReadFile file, SourceLine line, HashSet<string> names)
    {
        foreach (var word in Words(line.Text).Where(word => word.AsSpan().ContainsAny(Foreign)))
        {
            var latin = LookAlikes.ToLatin(word);
            var imitates = word.Length >= 3 && latin != word && names.Contains(latin);
            var mixes = word.Any(char.IsAsciiLetter);
            if (imitates && (mixes || file.Language != Languages.Prose) || mixes && word.Any(LookAlikes.IsCyrillicOrGreek))
            {
                yield return file.Find("look-alike-name", imitates && file.Language != Languages.Prose ? Severity.High
                    : Severity.Medium, line.Number,
                    "A name mixes letters of scripts that look alike, so it is not the name it looks like.");
                yield break;
            }
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        for (int start = 0, at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_'))
            {
                continue;
            }
            if (at > start)
            {
                yield return text[start..at];
            }
            start = at + 1;
        }
    }
}
