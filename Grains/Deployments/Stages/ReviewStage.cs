using System.Globalization;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Telemetry;

namespace Maestro.Deployments.Stages;

/// <summary>Reads the change and judges it. Nothing of it is run.</summary>
public sealed class ReviewStage(IGitHost git, IReviewer reviewer, ManifestSource manifests, IGrainFactory grains, TimeProvider time)
    : IStage<ChangeOpened, ChangeReviewed>
{
    private const int MostRules = 50;

    public async Task<Answer<ChangeReviewed>> AskAsync(Assignment assignment, ChangeOpened needs, CancellationToken cancellation)
    {
        await manifests.ReadAsync(needs, cancellation);
        var comparison = await git.CompareAsync(needs.Application, needs.Base, needs.Head, ComparisonLimits.Default, cancellation);
        var reviewed = await reviewer.ReviewAsync(comparison, needs.SensitivePaths, cancellation);
        if ((await git.ReadTipsAsync(needs.Application, needs.Number, cancellation)).Head is null)
        {
            return new Answer<ChangeReviewed>.Refused(Causes.HeadVanished(needs.HeadBranch));
        }
        await TellAsync(assignment, reviewed);
        return reviewed.Verdict == Verdict.Reject
            ? new Answer<ChangeReviewed>.Refused(Rejection(reviewed))
            : new Answer<ChangeReviewed>.Proved(reviewed);
    }

    // Rules only: where and in what words a rule found something is evidence, and stays out of the ledger.
    private async Task TellAsync(Assignment assignment, ChangeReviewed reviewed)
    {
        if (reviewed.Findings.IsEmpty)
        {
            return;
        }
        var rules = reviewed.Findings.GroupBy(finding => Bounded.Plain(finding.Rule), StringComparer.Ordinal).OrderBy(rule => rule.Key, StringComparer.Ordinal)
            .Take(MostRules).ToDictionary(rule => rule.Key, rule => rule.Count(), StringComparer.Ordinal);
        await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(new(
            string.Create(CultureInfo.InvariantCulture, $"review/{assignment.Deployment}/{assignment.Attempt}/{assignment.Try}"), time.GetUtcNow(),
            "review.found", Principal.OfRole(Role.Review), assignment.Deployment.ToString(),
            JsonSerializer.Serialize(new
            {
                attempt = assignment.Attempt,
                verdict = reviewed.Verdict.ToString(),
                severity = reviewed.Findings.Max(finding => finding.Severity).ToString(),
                rules,
            })));
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
