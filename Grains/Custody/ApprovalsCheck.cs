using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Approvals;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Messages;

namespace Maestro.Custody;

/// <summary>Compares what people signed with what is about to happen, each by the person's own key and the roster of this moment.</summary>
public sealed class ApprovalsCheck(ApprovalCheck approvals)
{
    private const string Source = "people's keys and the roster";

    /// <param name="rerun">What the rules say now; null where nobody ran them, and the review's word must do.</param>
    public IEnumerable<Check> Of(AttemptEvidence evidence, ProductionPlanned planned, ProductionApproved approved, ChangeReviewed? rerun)
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
            yield return Checks.Of("staging plan approved", Source, "people, where anything changes",
                Safely(() => approvals.FindFault(assignment, staging, staged)));
        }
        yield return Checks.Of("release approved", Source, $"approved by {string.Join(", ", approved.By)}, none of whom is an author",
            Safely(() => approvals.FindFault(assignment, planned, approved)));
        yield return Checks.Of("approvals' age", Source, "signed after the attempt was opened and before the desk's answer",
            Safely(() => AgeFault(evidence, approved.Approvals)));
    }

    private Reason? AgeFault(AttemptEvidence evidence, ImmutableArray<string> envelopes)
    {
        var (from, until) = (evidence.Attempt.OpenedAt - MessageCheck.Skew, evidence.Of(Stage.Approval)!.At + MessageCheck.Skew);
        foreach (var envelope in envelopes)
        {
            var decision = approvals.Open(JsonSerializer.Deserialize<Envelope>(envelope)!);
            if (decision.IssuedAt < from || decision.IssuedAt > until || decision.Expires - decision.IssuedAt > ApprovalCheck.LongestLife)
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
        catch (Exception malformed) when (malformed is JsonException or ArgumentException or NotSupportedException)
        {
            return MessageRefusal.Malformed("an approval that is no envelope").Reason;
        }
    }
}
