using System.Globalization;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;

namespace Maestro.Custody;

/// <summary>Compares the change that was approved with the one that the git host has now, and reads it again.</summary>
internal static class ChangeChecks
{
    private const string Host = "git host";
    private const string NewAttempt = "A new attempt follows by itself.";

    public static IEnumerable<Check> Of(AttemptEvidence evidence, OutsideFacts? outside)
    {
        var change = evidence.Assignment.Change;
        yield return Checks.If(outside, "head", Host, facts => (change.Head, HeadFault(change, facts)));
        yield return Checks.If(outside, "base", Host, facts => (change.Base, BaseFault(evidence.Assignment, facts)));
        yield return Checks.If(outside, "merge tree", Host, facts => (change.MergeTree, facts.Change is not { } now || now.MergeTree == change.MergeTree
            ? null : new Reason("change.other-tree", "What is released is the tree that was built.", change.MergeTree, now.MergeTree, NewAttempt)));
        yield return Checks.If(outside, "authors", Host, facts => (string.Join(", ", change.Authors), AuthorsFault(change, facts.Change)));
        yield return Checks.If(
            outside, "application", "register", facts => (Shown(change.Application), ApplicationFault(change.Application, facts.Registered)));
        yield return Checks.If(outside, "rules", "rerun over the exact change", facts => ("no finding of high or critical", FindingsFault(facts.Rerun)));
    }

    /// <summary>Whatever a review has said: a change in which the rules find this is not released.</summary>
    public static Reason? FindingsFault(ChangeReviewed rerun)
    {
        var grave = rerun.Findings.Where(finding => finding.Severity >= Severity.High).ToList();
        var shown = string.Join(", ", grave.Take(5).Select(finding => $"{finding.Rule} in {finding.Path}{(finding.Line > 0 ? $":{finding.Line}" : "")}"));
        return rerun.Verdict != Verdict.Reject && grave.Count == 0
            ? null
            : new("custody.finding", "A change with a high or critical finding is not released, whatever its review said.",
                "no finding of high or critical", $"{grave.Count}: {shown}", "Remove what was found and push again; see why the review did not say it.");
    }

    private static Reason? HeadFault(ChangeOpened change, OutsideFacts facts) =>
        facts.Tips.Head is not { } head ? Causes.HeadVanished(change.HeadBranch)
        : head == change.Head ? null
        : new("change.head-moved", "What is released is the head that was approved.", change.Head, head, NewAttempt);

    // With merge: before the base points at this attempt's own merge commit, once custody has seen the one before and lent for it.
    private static Reason? BaseFault(Assignment assignment, OutsideFacts facts)
    {
        var change = assignment.Change;
        var merged = facts.LentBefore && assignment.Stage == Stage.Promote && facts.Tips.Base == change.MergeCommit;
        return facts.Tips.Base == change.Base || merged
            ? null
            : new(Codes.BaseMoved, "What is released is merged into the base it was built on.", change.Base, facts.Tips.Base ?? "no branch", NewAttempt);
    }

    // Team, number of approvals, repository and ports are an administrator's word, and not that of whoever opened the attempt.
    private static Reason? ApplicationFault(Application opened, Application? registered) => opened == registered
        ? null
        : new("change.other-application", "A change is released by the settings that its application is registered with.",
            registered is null ? "a registered application" : Shown(registered), Shown(opened), "Use maestro retry, so that today's settings count.");

    private static string Shown(Application application) => string.Create(CultureInfo.InvariantCulture,
        $"{application.Name} of {application.Team}, {application.Production.Approvals} approvals, port {application.Production.Port}");

    private static Reason? AuthorsFault(ChangeOpened change, ChangeOpened? now)
    {
        if (now is null)
        {
            return null;
        }
        // Whoever leaves an author out lets that person approve; whoever is too many takes nobody's right away but an approver's.
        var missing = now.Authors.Except(change.Authors, StringComparer.OrdinalIgnoreCase).ToList();
        return missing.Count == 0 && (now.AuthorsKnown || !change.AuthorsKnown)
            ? null
            : new("change.other-authors", "Opener, committers and last pusher are the authors, all of them.", string.Join(", ", now.Authors),
                $"{string.Join(", ", change.Authors)}{(now.AuthorsKnown ? "" : ", said to be known")}", "Use: maestro retry.");
    }
}
