namespace Maestro.Outside.Infrastructure;

/// <summary>Finds the known name that a mistyped one is nearest to.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest letters to change; the first where several are as near.</summary>
    public static string To(string name, IEnumerable<string> known) =>
        known.MinBy(candidate => Distance(name.Length > 40 ? name[..40] : name, candidate)) ?? "";

    private static int Distance(string left, string right)
    {
        var before = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var row = 1; row <= left.Length; row++)
        {
            var current = new int[right.Length + 1];
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var change = left[row - 1] == right[column - 1] ? 0 : 1;
                current[column] = Math.Min(Math.Min(current[column - 1], before[column]) + 1, before[column - 1] + change);
            }
            before = current;
        }
        return before[^1];
    }
}
