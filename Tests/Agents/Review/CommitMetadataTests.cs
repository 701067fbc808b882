using Maestro.Agents.Review.Detectors;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Agents.Review;

/// <summary>What a log shows of a commit must be what is in it.</summary>
public sealed class CommitMetadataTests
{
    private const string Harmless = "Add a banner\n\nIt says hello, wie gew\u00fcnscht.\n";

    [Theory]
    [InlineData("Tidy up \u202Edetsurt", "alice", "commit message 1")]
    [InlineData("Tidy up\u001b[2K\u001b[1A", "alice", "commit message 1")]
    [InlineData(Harmless, "ali\u202Ece", "commit author 1")]
    [InlineData(Harmless, "alice\u001b[8m", "commit author 1")]
    public async Task Characters_that_deceive_a_reader_of_the_log_are_found_and_without_the_rule_they_pass(string message, string name, string where)
    {
        var change = Saying(message, name);
        var review = await Changes.ReviewAsync(change);
        var finding = Assert.Single(review.Findings, found => found.Rule == CommitMetadata.Rule);
        Assert.Equal((where, Severity.High), (finding.Path, finding.Severity));
        Assert.DoesNotContain('\u202E', finding.Message);
        Assert.Equal(Verdict.Reject, review.Verdict);

        var without = await Changes.ReviewAsync(change, [.. StandardDetectors.All.Where(each => each is not CommitMetadata)]);
        Assert.True(without.Verdict != Verdict.Reject, Changes.Told(without));
    }

    [Theory]
    [InlineData(Harmless, "Ren\u00e9e O'Neil")]
    [InlineData("\u05ea\u05d9\u05e7\u05d5\u05df\u200f", "\u05d3\u05e0\u05d4")]
    public async Task Ordinary_commits_are_left_alone(string message, string name) =>
        Assert.DoesNotContain((await Changes.ReviewAsync(Saying(message, name))).Findings, found => found.Rule == CommitMetadata.Rule);

    private static Comparison Saying(string message, string name) =>
        Changes.Saying(message, Changes.Added("readme.md", "hello\n")) with { CommitNames = [new UntrustedText(name)] };
}
