using System.Collections.Immutable;

namespace Maestro.Deployments;

/// <summary>Compares two folds part by part, because a dictionary is equal only to itself.</summary>
internal static class SameProgress
{
    public static void Assert(Progress expected, Progress found)
    {
        Xunit.Assert.Equal(expected.Number, found.Number);
        while (found.Shortened && expected.Attempts.Length > found.Attempts.Length)
        {
            expected = Xunit.Assert.IsType<Progress>(expected.Shorten());
        }
        Xunit.Assert.Equal(expected.Attempts.Select(Bare), found.Attempts.Select(Bare));
        Xunit.Assert.Equal(expected.Attempts.SelectMany(Rows), found.Attempts.SelectMany(Rows));
    }

    private static AttemptProgress Bare(AttemptProgress attempt) => attempt with { Rows = ImmutableDictionary<Stage, RowProgress>.Empty };

    private static IEnumerable<RowProgress> Rows(AttemptProgress attempt) => attempt.Rows.Values.OrderBy(row => row.Stage);
}
