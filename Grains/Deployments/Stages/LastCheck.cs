using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>What is compared right before production is touched, each fact from where it lives.</summary>
public sealed class LastCheck(IGitHost git, IGrainFactory grains, ApprovalCheck approvals, Witness witness, TimeProvider time)
{
    /// <summary>A rehearsal says nothing about a rollback a day later.</summary>
    public static readonly TimeSpan RehearsalHolds = TimeSpan.FromHours(24);

    /// <summary>The first difference between what was approved and what is; null where there is none.</summary>
    /// <param name="applied">The plan that was, or is about to be, applied.</param>
    /// <param name="acting">Who is about to act, which must know this ledger.</param>
    public async Task<Reason?> FindDifferenceAsync(
        Assignment assignment, RollbackRehearsed rehearsed, ProductionPlanned planned, ProductionApproved approved, Digest applied,
        Role acting, CancellationToken cancellation) =>
        await CompareTipsAsync(assignment.Change, cancellation)
        ?? Compare("plan.differs", "The plan that was approved is the plan that was made.", planned.Plan, approved.Plan)
        ?? Compare("plan.differs", "The plan that was applied is the plan that was approved.", approved.Plan, applied)
        ?? Compare("image.differs", "The image that was rehearsed is the image that was approved.", approved.Image, rehearsed.Image)
        ?? await CompareRehearsalAsync(assignment, rehearsed)
        ?? approvals.FindFault(assignment, planned, approved)
        // No ledger, no effect: what leads to this release is signed before it is carried out.
        ?? await witness.ConfirmAsync(acting);

    private async Task<Reason?> CompareTipsAsync(ChangeOpened change, CancellationToken cancellation)
    {
        var tips = await git.ReadTipsAsync(change.Application, change.Number, cancellation);
        if (tips.Head is null)
        {
            return Causes.HeadVanished(change.HeadBranch);
        }
        if (tips.Head != change.Head)
        {
            return new(
                "change.head-moved", "What is released is the head that was approved.", change.Head, tips.Head, "A new attempt follows by itself.");
        }
        // With merge: before the base may already point at this attempt's own merge commit.
        return tips.Base == change.Base || tips.Base == change.MergeCommit
            ? null
            : new(Codes.BaseMoved, "What is released is merged into the base it was built on.", change.Base, tips.Base
                ?? "no branch", "A new attempt follows by itself.");
    }

    private async Task<Reason?> CompareRehearsalAsync(Assignment assignment, RollbackRehearsed rehearsal)
    {
        var view = await grains.GetGrain<IEnvironmentGrain>(assignment.Environment(EnvironmentSettings.ProductionName).ToString()).GetAsync();
        if (view.Live?.Image != rehearsal.Live)
        {
            return new("rehearsal.other-release", "The rollback that was rehearsed goes to the release that is live.",
                rehearsal.Live?.Abbreviated ?? "nothing", view.Live?.Image.Abbreviated
                    ?? "nothing", "Use maestro retry, so that the rollback is rehearsed again.");
        }
        var age = time.GetUtcNow() - rehearsal.At;
        if (age < -MessageCheck.Skew)
        {
            return new("rehearsal.early", "A rehearsal was before the release.", "a time of the past", $"{rehearsal.At:O}",
                "Check the clocks of the silos, then use: maestro retry.");
        }
        return age <= RehearsalHolds
            ? null
            : new("rehearsal.too-old", "A rehearsal holds for 24 hours.", "at most 24 hours", $"{age.TotalHours:F0} hours",
                "Use maestro retry, so that the rollback is rehearsed again.");
    }

    private static Reason? Compare(string code, string rule, Digest expected, Digest found) =>
        expected == found ? null : new(code, rule, expected.Abbreviated, found.Abbreviated, "Use: maestro retry.");
}
