using System.Globalization;
using Maestro.Evidence;

namespace Maestro.Deployments;

/// <summary>What each proof says, in a few words for people.</summary>
public static class Sentences
{
    /// <summary>How the sentence begins where two people answered for those who should have.</summary>
    public const string Broken = "GLASS BROKEN";

    public static string Of(Proof proof) => proof switch
    {
        ChangeReviewed reviewed => Review(reviewed),
        RunAllowed allowed => allowed.By.IsDefaultOrEmpty ? allowed.Because : $"{allowed.Because}: {string.Join(", ", allowed.By)}",
        ImageBuilt built => $"image {built.Image.Abbreviated}, {Count(built.Files, "file")}{(built.Sandboxed ? ", sandboxed" : ", NOT sandboxed")}",
        TestsPassed { Ran: false } => "NOT tested: no test is declared",
        TestsPassed tests => string.Create(CultureInfo.InvariantCulture, $"passed in {tests.Seconds:F1} s{(tests.Sandboxed ? ", sandboxed" : "")}"),
        ImageCleared cleared => $"{Count(cleared.FilesRead, "file")} read, {Count(cleared.Findings.Length, "finding")}",
        EnvironmentPlanned planned => Plan(planned),
        StagingPlanApproved { Glass.IsDefaultOrEmpty: false } broken => $"{Broken} by {string.Join(" and ", broken.By)}: reviewers were NOT asked",
        ProductionApproved { Glass.IsDefaultOrEmpty: false } broken => $"{Broken} by {string.Join(" and ", broken.By)}: reviewers were NOT asked",
        StagingPlanApproved approved => approved.By.IsDefaultOrEmpty ? approved.Because : $"by {string.Join(", ", approved.By)}",
        EnvironmentProvisioned provisioned => $"state {provisioned.Serial}, plan {provisioned.Plan.Abbreviated}",
        StagingHealthy healthy => string.Create(CultureInfo.InvariantCulture, $"{healthy.Release} healthy after {healthy.Seconds:F1} s"),
        RollbackRehearsed rehearsed =>
            string.Create(CultureInfo.InvariantCulture, $"to {rehearsed.Live?.Abbreviated ?? "nothing"} and back in {rehearsed.Seconds:F1} s"),
        ProductionApproved approved => $"by {string.Join(", ", approved.By)}",
        Promoted promoted => $"{promoted.Release} serves, before it {promoted.Before ?? "nothing"}",
        Settled settled => string.Create(CultureInfo.InvariantCulture, $"healthy for {settled.Seconds:F1} s"),
        Finished finished => finished.MergedAs is { } commit ? $"merged as {commit[..Math.Min(12, commit.Length)]}" : "left to people to merge",
        _ => proof.GetType().Name,
    };

    private static string Review(ChangeReviewed reviewed) => string.Create(CultureInfo.InvariantCulture,
        $"{reviewed.Verdict.ToString().ToLowerInvariant()} by {reviewed.Reviewer}, {Count(reviewed.Findings.Length, "finding")}, {reviewed.Coverage:P0} read");

    private static string Plan(EnvironmentPlanned planned)
    {
        if (planned.Changes.IsEmpty)
        {
            return "nothing changes";
        }
        var counts = planned.Changes.GroupBy(change => change.Action).OrderByDescending(group => group.Key)
            .Select(group => $"{group.Count()} to {group.Key.ToString().ToLowerInvariant()}");
        return $"{string.Join(", ", counts)}{(planned.TouchesEndpoints ? ", touches a public endpoint" : "")}";
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
