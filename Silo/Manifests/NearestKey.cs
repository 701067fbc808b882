namespace Maestro.Manifests;

/// <summary>Finds the known key that a person most likely meant.</summary>
internal static class NearestKey
{
    private const int Longest = 64;

    /// <summary>The key with the smallest edit distance; null where none is near.</summary>
    public static string? Of(string written, IEnumerable<string> known)
    {
        if (written.Length > Longest)
        {
            return null;
        }
        var (key, distance) = known.Select(key => (key, Distance(key, written))).MinBy(pair => pair.Item2);
        return key is not null && distance <= Math.Max(2, key.Length / 3) ? key : null;
    }

    /// <summary>The Levenshtein distance, without regard to case.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var same = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1)));
            }
        }
        return row[^1];
    }
}
