using System.Collections.Immutable;

namespace Maestro.Outside.Git;

/// <summary>Files as git counts their lines: every line feed ends one, and what follows the last is one more.</summary>
internal static class Text
{
    private const int ExaminedForBinary = 8000;

    /// <summary>Git's own test: a NUL among the first 8,000 bytes.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> content) => content[..Math.Min(content.Length, ExaminedForBinary)].Contains((byte)0);

    /// <summary>The numbers of all lines, from 1.</summary>
    public static ImmutableArray<int> AllLines(ReadOnlySpan<byte> content)
    {
        var ended = content.Count((byte)'\n');
        return [.. Enumerable.Range(1, content.IsEmpty || content[^1] == '\n' ? ended : ended + 1)];
    }

    /// <summary>How often each line occurs, by a hash of the line.</summary>
    public static Dictionary<int, int> CountLines(ReadOnlySpan<byte> content)
    {
        var counts = new Dictionary<int, int>();
        foreach (var range in content.Split((byte)'\n'))
        {
            var hash = new HashCode();
            hash.AddBytes(content[range]);
            var line = hash.ToHashCode();
            counts[line] = counts.GetValueOrDefault(line) + 1;
        }
        return counts;
    }
}
