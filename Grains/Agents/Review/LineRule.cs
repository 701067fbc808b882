using System.Buffers;
using System.Text.RegularExpressions;
using Maestro.Evidence;

namespace Maestro.Agents.Review;

/// <summary>A rule about one line of code.</summary>
internal sealed class LineRule
{
    private readonly SearchValues<string> _hints;
    private readonly Lazy<Regex> _pattern;

    /// <param name="hints">Words, separated by spaces, one of which is in every line that the pattern matches; they are fast to look
    /// for.</param>
    /// <param name="inTests">The severity in test files, where it differs.</param>
    public LineRule(string rule, Severity severity, Languages languages, string hints, string pattern, string message,
        Severity? inTests = null)
    {
        Rule = rule;
        Severity = severity;
        InTests = inTests ?? severity;
        Languages = languages;
        Hints = hints.Split(' ');
        Message = message;
        _hints = SearchValues.Create(Hints, StringComparison.OrdinalIgnoreCase);
        // Making an expression takes milliseconds and most are never needed.
        _pattern = new(() => Linear.Regex(pattern));
    }

    public string Rule { get; }

    public Severity Severity { get; }

    public Severity InTests { get; }

    public Languages Languages { get; }

    public string[] Hints { get; }

    public string Message { get; }

    public bool Matches(ReadOnlySpan<char> line) => line.ContainsAny(_hints) && _pattern.Value.IsMatch(line);
}
