using System.Text.Json;
using Maestro.Evidence;
using Maestro.Support;

namespace Maestro.Agents.Review;

/// <summary>What the rules find in public data sets, and what they leave alone.</summary>
public sealed class PublicDataTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_program_that_reads_differently_from_what_it_does_is_found()
    {
        var folder = Fixtures.Folder("trojan-source");
        using var index = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "index.json"),
            TestContext.Current.CancellationToken));
        var missed = new List<string>();
        foreach (var entry in index.RootElement.EnumerateArray())
        {
            var file = entry.GetProperty("file").GetString()!;
            var bytes = await File.ReadAllBytesAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken);
            var review = await Changes.ReviewAsync(Changes.Of(Changes.Added("src/" + file, bytes)));
            if (!review.Findings.Any(IsAboutCharacters))
            {
                missed.Add(file);
            }
        }
        Assert.Empty(missed);
    }

    [Fact]
    public async Task Injected_instructions_are_found_more_often_than_harmless_texts()
    {
        var folder = Fixtures.Folder("prompt-injection");
        int[][] counts = [new int[3], new int[3]];
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(folder, "deepset", "train.jsonl"),
            TestContext.Current.CancellationToken))
        {
            using var entry = JsonDocument.Parse(line);
            var label = entry.RootElement.GetProperty("label").GetInt32();
            var text = entry.RootElement.GetProperty("text").GetString()!;
            var review = await Changes.ReviewAsync(Changes.Of(Changes.Added("docs/note.md", text)),
                [new Detectors.InjectedInstructions()]);
            counts[label][(int)review.Verdict]++;
        }
        var (found, all) = (counts[1][0] + counts[1][1], counts[1][0] + counts[1][1] + counts[1][2]);
        var (alarms, harmless) = (counts[0][0] + counts[0][1], counts[0][0] + counts[0][1] + counts[0][2]);
        output.WriteLine($"found {found} of {all} (rejected {counts[1][0]}), false alarms {alarms} of {harmless} (rejected"
            + $" {counts[0][0]})");
        Assert.True(found > all / 3, $"Only {found} of {all} injections were found.");
        Assert.True(alarms <= harmless / 50, $"{alarms} of {harmless} harmless texts were called injections.");
    }

    private static bool IsAboutCharacters(Finding finding) => finding.Severity >= Severity.Medium
        && finding.Rule is "bidi-control" or "invisible-character" or "look-alike-name" or "hidden-text";
}
