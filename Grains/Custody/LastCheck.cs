using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>
/// What is compared right before production is touched. It fetches nothing: an auditor puts the same facts to it and gets the same answer. A fact
/// that is not at hand is said to be so, and never taken to hold.
/// </summary>
public class LastCheck(ApprovalsCheck approvals)
{
    /// <summary>A rehearsal says nothing about a rollback a day later.</summary>
    public static readonly TimeSpan RehearsalHolds = TimeSpan.FromHours(24);

    /// <summary>What a summary of the whole check must list: one that only says that something serves already lists less.</summary>
    public static ImmutableArray<string> Essential { get; } =
        ["head", "base", "authors", "rules", "plan approved", "image built", "rehearsed release", "release approved", "ledger"];

    /// <param name="outside">Null where only evidence is at hand.</param>
    public virtual ImmutableArray<Check> Compare(AttemptEvidence evidence, OutsideFacts? outside)
    {
        var statements = evidence.Statements.Select(statement => StatementOf(evidence.Assignment, statement));
        var rehearsed = evidence.Find<RollbackRehearsed>();
        var planned = evidence.Find<ProductionPlanned>();
        var approved = evidence.Find<ProductionApproved>();
        // What a comparison rests on is missing only where a statement is not believed, and that is a difference already.
        return rehearsed is null || planned is null || approved is null
            ? [.. statements]
            :
            [
                .. statements, .. ChangeChecks.Of(evidence, outside), .. Plans(evidence, outside, planned, approved),
                .. Images(evidence, rehearsed, approved), .. Rehearsal(outside, rehearsed),
                .. approvals.Of(evidence, planned, approved, outside?.Rerun, outside?.Now), .. Hold(outside, approvals.BrokenAt(approved)), .. Ledger(outside),
            ];
    }

    private static Check StatementOf(Assignment assignment, ReadStatement statement) => Checks.Of(
        $"statement {statement.Stage}", statement.Digest is { } digest ? $"evidence {digest.Abbreviated}" : "log",
        $"signed by {statement.By} for {assignment.EffectOf(statement.Stage)}", statement.Fault);

    private static IEnumerable<Check> Plans(
        AttemptEvidence evidence, OutsideFacts? outside, ProductionPlanned planned, ProductionApproved approved)
    {
        yield return Checks.Same(
            "plan approved", "evidence", "plan.differs", "The plan that was approved is the plan that was made.", planned.Plan, approved.Plan);
        var provisioned = evidence.Find<ProductionProvisioned>();
        if (evidence.Assignment.Stage != Stage.ProvisionProduction && provisioned is not null)
        {
            yield return Checks.Same(
                "plan applied", "evidence", "plan.differs", "The plan that was applied is the plan that was approved.", approved.Plan, provisioned.Plan);
        }
        yield return Checks.If(outside, "plan kept", "evidence store", facts => (approved.Plan.Abbreviated, facts.PlanIsKept ? null : new Reason(
            "plan.missing", "The approved plan's bytes must be there.", approved.Plan.Abbreviated, "nothing under this digest",
            "Push again, so that a new plan is made.")));
        yield return Checks.If(outside, "infrastructure state", "state store", facts => provisioned is null
            ? StateFault(facts, planned.Lineage, planned.Serial, facts.LentBefore)
            : StateFault(facts, provisioned.Lineage, provisioned.Serial, mayBeApplied: false));
    }

    // An apply whose answer was lost has left the state one further.
    private static (string, Reason?) StateFault(OutsideFacts facts, string lineage, long serial, bool mayBeApplied)
    {
        var found = (facts.State.Lineage, facts.State.Serial);
        var fits = found == (lineage, serial) || (mayBeApplied && found.Serial == serial + 1 && (found.Lineage == lineage || lineage.Length == 0));
        var expected = FormattableString.Invariant($"serial {serial} of {Shown(lineage)}");
        return (expected, fits ? null : new Reason(
            "infrastructure.state-moved", "A plan is applied only to the state it was made for.", expected,
            FormattableString.Invariant($"serial {found.Serial} of {Shown(found.Lineage)}"), "Make and approve a new plan."));
    }

    private static IEnumerable<Check> Images(AttemptEvidence evidence, RollbackRehearsed rehearsed, ProductionApproved approved)
    {
        const string code = "image.differs";
        var built = evidence.Find<ImageBuilt>();
        yield return Checks.Of("image's tree", "evidence", evidence.Assignment.Change.MergeTree, built is null
            || built.MergeTree == evidence.Assignment.Change.MergeTree ? null : new Reason(
                code, "The image is built from the attempt's tree.", evidence.Assignment.Change.MergeTree, built.MergeTree, "Use: maestro retry."));
        (string What, Digest? Image)[] others =
        [
            ("built", built?.Image), ("tested", evidence.Find<TestsPassed>()?.Image), ("scanned", evidence.Find<ImageCleared>()?.Image),
            ("in staging", evidence.Find<StagingHealthy>()?.Image), ("rehearsed", rehearsed.Image),
        ];
        foreach (var (what, image) in others.Where(other => other.Image is not null))
        {
            yield return Checks.Same(
                $"image {what}", "evidence", code, $"The image that was approved is the one that was {what}.", approved.Image, image!.Value);
        }
    }

    private static IEnumerable<Check> Rehearsal(OutsideFacts? outside, RollbackRehearsed rehearsal)
    {
        yield return Checks.If(outside, "rehearsed release", "environment", facts => (rehearsal.Live?.Abbreviated ?? "nothing",
            facts.Production.Live?.Image == rehearsal.Live ? null : new Reason(
                "rehearsal.other-release", "The rollback that was rehearsed goes to the release that is live.", rehearsal.Live?.Abbreviated ?? "nothing",
                facts.Production.Live?.Image.Abbreviated ?? "nothing", "Use maestro retry, so that the rollback is rehearsed again.")));
        yield return Checks.If(outside, "rehearsal's age", "evidence", facts => ("at most 24 hours", AgeFault(facts.Now - rehearsal.At, rehearsal.At)));
    }

    private static Reason? AgeFault(TimeSpan age, DateTimeOffset at) =>
        age < -MessageCheck.Skew
            ? new("rehearsal.early", "A rehearsal was before the release.", "a time of the past", $"{at:O}",
                "Check the clocks of the silos, then use: maestro retry.")
        : age > RehearsalHolds
            ? new("rehearsal.too-old", "A rehearsal holds for 24 hours.", "at most 24 hours", $"{age.TotalHours:F0} hours",
                "Use maestro retry, so that the rollback is rehearsed again.")
        : null;

    // The infrastructure agent has looked already; custody takes nobody's word for it.
    /// <param name="brokenAt">When the second of two people broke the glass; a hold that came later is not passed.</param>
    private static IEnumerable<Check> Hold(OutsideFacts? outside, DateTimeOffset? brokenAt)
    {
        yield return Checks.If(outside, "hold", "environment", facts => facts.Production.Hold is not { } hold ? ("none", null)
            : facts.Production.HeldSince <= brokenAt ? ($"{new UntrustedText(hold).Shown(80)}; passed, because the glass is broken", null)
            : ("none", new Reason("environment.held", "Nothing is promoted to an environment on hold.", "no hold", new UntrustedText(hold).Shown(80),
                "Release it with maestro env APP --release-hold production, then: maestro retry.")));
    }

    // No ledger, no effect: what leads to this release is signed before it is carried out.
    private static IEnumerable<Check> Ledger(OutsideFacts? outside)
    {
        yield return Checks.If(outside, "ledger", "checkpoint", facts => ("a ledger that begins with all that custody has seen", facts.LedgerFault));
    }

    private static string Shown(string lineage) => lineage.Length == 0 ? "nothing yet" : new UntrustedText(lineage).Shown(12);
}
