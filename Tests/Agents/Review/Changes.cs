using System.Collections.Immutable;
using System.Text;
using Maestro.Evidence;
using Maestro.Outside;
using Maestro.Outside.Analysis;

namespace Maestro.Agents.Review;

/// <summary>Changes as a git host would hand them over.</summary>
internal static class Changes
{
    public static Comparison Of(params ChangedFile[] files) => new([.. files], files.Length, []);

    public static Comparison Saying(string message, params ChangedFile[] files) => new([.. files], files.Length,
        [new UntrustedText(message)]);

    public static ChangedFile Added(string path, string text) => Added(path, Encoding.UTF8.GetBytes(text));

    public static ChangedFile Added(string path, byte[] bytes) =>
        new(new(path), null, bytes, null, [.. Enumerable.Range(1, bytes.Count(value => value == '\n') + 1)], [], null);

    public static ChangedFile Deleted(string path, string text) =>
        new(new(path), null, null, Encoding.UTF8.GetBytes(text), [], [.. Enumerable.Range(1, text.Split('\n').Length)], null);

    /// <summary>Lines that only one side has count as changed, which is what a diff says of texts without repeated lines.</summary>
    public static ChangedFile Edited(string path, string before, string after)
    {
        var (olds, news) = (before.Split('\n'), after.Split('\n'));
        return new(new(path), null, Encoding.UTF8.GetBytes(after), Encoding.UTF8.GetBytes(before), Only(news, olds), Only(olds, news),
            null);
    }

    public static Task<ChangeReviewed> ReviewAsync(Comparison change, params string[] sensitive) =>
        ReviewAsync(change, StandardDetectors.All, sensitive);

    public static Task<ChangeReviewed> ReviewAsync(Comparison change, ImmutableArray<IDetector> detectors, params string[] sensitive) =>
        new OfflineReviewer(detectors, [], TimeProvider.System).ReviewAsync(change, [.. sensitive],
            TestContext.Current.CancellationToken);

    /// <summary>Reviews with all there is.</summary>
    public static Task<ChangeReviewed> ReviewWholeAsync(Comparison change) =>
        new OfflineReviewer(StandardDetectors.All, [new RoslynAnalysis(TimeProvider.System)], TimeProvider.System)
            .ReviewAsync(change, [], TestContext.Current.CancellationToken);

    /// <summary>What was found, for the message of a failing test.</summary>
    public static string Told(ChangeReviewed review) =>
        string.Join("\n", review.Findings.Select(finding =>
            $"{finding.Severity} {finding.Rule} {finding.Path}:{finding.Line} {finding.Message}"));

    private static ImmutableArray<int> Only(string[] lines, string[] others) =>
        [.. lines.Index().Where(line => !others.Contains(line.Item)).Select(line => line.Index + 1)];
}
