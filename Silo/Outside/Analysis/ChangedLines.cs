using Microsoft.CodeAnalysis;

namespace Maestro.Outside.Analysis;

/// <summary>The lines that a change adds to a file, as git counts them: the compiler ends lines where git does not.</summary>
internal sealed class ChangedLines
{
    private readonly int[] _starts;
    private readonly HashSet<int> _added;
    private readonly bool _all;

    private ChangedLines(int[] starts, HashSet<int> added, bool all)
    {
        _starts = starts;
        _added = added;
        _all = all;
    }

    public static ChangedLines Of(ChangedFile file, string text)
    {
        var starts = new List<int> { 0 };
        for (var at = text.IndexOf('\n', StringComparison.Ordinal); at >= 0; at = text.IndexOf('\n', at + 1))
        {
            starts.Add(at + 1);
        }
        var all = file.Old is null || file.AddedLines.IsEmpty && file.RemovedLines.IsEmpty;
        return new([.. starts], [.. file.AddedLines], all);
    }

    /// <summary>The first line of a node that the change adds; null where it adds none.</summary>
    public int? Touched(SyntaxNode node)
    {
        var (first, last) = (Line(node.SpanStart), Line(node.Span.End));
        for (var line = first; line <= last; line++)
        {
            if (_all || _added.Contains(line))
            {
                return line;
            }
        }
        return null;
    }

    private int Line(int position)
    {
        var at = Array.BinarySearch(_starts, position);
        return at >= 0 ? at + 1 : ~at;
    }
}
