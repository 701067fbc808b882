using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>Reads the change and judges it. Nothing of it is run.</summary>
public sealed class ReviewStage(IGitHost git, IReviewer reviewer, ManifestSource manifests) : IStage<ChangeOpened, ChangeReviewed>
{
    public async Task<Answer<ChangeReviewed>> AskAsync(Assignment assignment, ChangeOpened needs, CancellationToken cancellation)
    {
        await manifests.ReadAsync(needs, cancellation);
        var comparison = await git.CompareAsync(needs.Application, needs.Base, needs.Head, ComparisonLimits.Default, cancellation);
        var reviewed = await reviewer.ReviewAsync(comparison, needs.SensitivePaths, cancellation);
        if ((await git.ReadTipsAsync(needs.Application, needs.Number, cancellation)).Head is null)
        {
            return new Answer<ChangeReviewed>.Refused(Causes.HeadVanished(needs.HeadBranch));
        }
        return reviewed.Verdict == Verdict.Reject
            ? new Answer<ChangeReviewed>.Refused(Rejection(reviewed))
            : new Answer<ChangeReviewed>.Proved(reviewed);
    }

    private static Reason Rejection(ChangeReviewed reviewed)
    {
        var worst = reviewed.Findings.Where(finding => finding.Severity >= Severity.High).ToList();
        var shown = worst.Take(5).Select(finding => $"{finding.Rule} in {finding.Path}{(finding.Line > 0 ? $":{finding.Line}" : "")}: {finding.Message}");
        var more = worst.Count > 5 ? $" and {worst.Count - 5} more." : "";
        return new(
            "review.rejected", "A change with a high or critical finding is rejected.", "no such finding",
            $"{worst.Count} {(worst.Count == 1 ? "such finding" : "such findings")} by {reviewed.Reviewer}. {string.Join(" ", shown)}{more}",
            "Remove what was found and push again.");
    }
}
