using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Approvals;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>Compares what people signed with what is about to happen, each by the person's own key and the roster of this moment.</summary>
public sealed class ApprovalsCheck(ApprovalCheck approvals)
{
    private const string Source = "people's keys and the roster";

    /// <param name="rerun">What the rules say now; null where nobody ran them, and the review's word must do.</param>
    /// <param name="now">When it is used; null where somebody looks back.</param>
    public IEnumerable<Check> Of(
        AttemptEvidence evidence, ProductionPlanned planned, ProductionApproved approved, ChangeReviewed? rerun, DateTimeOffset? now)
    {
        var assignment = evidence.Assignment;
        if ((rerun ?? evidence.Find<ChangeReviewed>()) is { } reviewed && evidence.Find<RunAllowed>() is { } allowed)
        {
            // A verdict that was raised would have kept people from being asked.
            yield return Checks.Of("run allowed", Source, "people, where the rules or the authors ask for them",
                Safely(() => approvals.FindFault(assignment, reviewed, allowed)));
        }
        if (evidence.Find<StagingPlanned>() is { } staging && evidence.Find<StagingPlanApproved>() is { } staged)
        {
            yield return Checks.Of("staging plan approved", Source,
                staged.Glass.IsDefaultOrEmpty ? "people, where anything changes" : $"glass {Shown(staged.Glass)}",
                Safely(() => approvals.FindFault(assignment, staging, staged)));
        }
        var broken = !approved.Glass.IsDefaultOrEmpty;
        yield return Checks.Of("release approved", Source,
            broken ? "two people who break the glass, none of whom is an author" : $"approved by {string.Join(", ", approved.By)}, none of whom is an author",
            Safely(() => approvals.FindFault(assignment, planned, approved)));
        yield return Checks.Of("approvals' age", Source, "signed after the attempt was opened and before the desk's answer",
            Safely(() => AgeFault(evidence, approved.Approvals) ?? AgeFault(evidence, approvals.Glass(approved.Glass))));
        yield return broken
            ? Checks.Of("glass", Source, Shown(approved.Glass), Safely(() =>
                (UsedAt(evidence, now) is { } at ? approvals.FindFault(approved.Glass, at) : null)
                // A release that dawdles does not stretch it without end.
                ?? (now is { } late ? approvals.FindFault(approved.Glass, late - GlassCheck.Longest) : null)))
            : Checks.Of("glass", Source, "not broken", null);
    }

    /// <summary>When the second of two people signed that the glass is broken; null where nobody did, or not so that it counts.</summary>
    public DateTimeOffset? BrokenAt(ProductionApproved approved)
    {
        try
        {
            return approvals.Glass(approved.Glass)?.Second.IssuedAt;
        }
        catch (Exception disbelieved) when (disbelieved is RefusedException || IsMalformed(disbelieved))
        {
            return null;
        }
    }

    // Once the plan was applied under it, the rest of the same release is the same use, however long the plan took.
    private static DateTimeOffset? UsedAt(AttemptEvidence evidence, DateTimeOffset? now) => evidence.Of(Stage.ProvisionProduction) is { } applied
        ? evidence.Attempt.Rows.GetValueOrDefault(Stage.ProvisionProduction)?.StartedAt ?? applied.At
        : now;

    private string Shown(ImmutableArray<string> glass)
    {
        try
        {
            return approvals.Glass(glass) is var (first, second) ? FormattableString.Invariant(
                $"BROKEN by {first.Person} and {second.Person} until {first.Until:u}: {new UntrustedText(first.Reason).Shown(120)}") : "BROKEN";
        }
        catch (Exception unread) when (unread is RefusedException || IsMalformed(unread))
        {
            return "BROKEN, by whom is not to be believed";
        }
    }

    private static Reason? AgeFault(AttemptEvidence evidence, (GlassBreak First, GlassBreak Second)? glass)
    {
        var (from, until) = (evidence.Attempt.OpenedAt - MessageCheck.Skew, evidence.Of(Stage.Approval)!.At + MessageCheck.Skew);
        return glass is var (first, second) && new[] { first, second }.Any(word => word.IssuedAt < from || word.IssuedAt > until)
            ? new("glass.age", "The glass is broken while its question is open.", $"{from:O} to {until:O}", $"{first.IssuedAt:O} and {second.IssuedAt:O}",
                "Use: maestro retry.")
            : null;
    }

    private Reason? AgeFault(AttemptEvidence evidence, ImmutableArray<string> envelopes)
    {
        var (from, until) = (evidence.Attempt.OpenedAt - MessageCheck.Skew, evidence.Of(Stage.Approval)!.At + MessageCheck.Skew);
        foreach (var envelope in envelopes)
        {
            var decision = approvals.Open(JsonSerializer.Deserialize<Envelope>(envelope)!);
            if (decision.IssuedAt < from || decision.IssuedAt > until || decision.Expires - decision.IssuedAt > Countersigning.LongestLife)
            {
                return new("approval.age", "An approval is given while its question is open.", $"{from:O} to {until:O}",
                    $"{decision.IssuedAt:O} to {decision.Expires:O}", "Use: maestro retry.");
            }
        }
        return null;
    }

    private static Reason? Safely(Func<Reason?> compare)
    {
        try
        {
            return compare();
        }
        catch (RefusedException refused)
        {
            return refused.Reason;
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            return MessageRefusal.Malformed("an approval that is no envelope").Reason;
        }
    }

    private static bool IsMalformed(Exception failure) => failure is JsonException or ArgumentException or NotSupportedException;
}
