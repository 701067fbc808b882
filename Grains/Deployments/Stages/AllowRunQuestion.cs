using Maestro.Evidence;

namespace Maestro.Deployments.Stages;

/// <summary>May code of this change be run? Asked for forks, unknown authors and a review that did not approve.</summary>
public sealed class AllowRunQuestion : IQuestion<ChangeReviewed, RunAllowed>
{
    /// <summary>Whether people must be asked.</summary>
    public static bool IsAsked(Assignment assignment, ChangeReviewed reviewed) =>
        !assignment.Change.AuthorsKnown || reviewed.Verdict != Verdict.Approve;

    public Question<RunAllowed> Put(Assignment assignment, ChangeReviewed needs)
    {
        if (!IsAsked(assignment, needs))
        {
            return new Question<RunAllowed>.DoesNotArise(new("author is known and the review approved", [], []));
        }
        var because = assignment.Change.AuthorsKnown ? "the review wants a person to look" : "an author is not in the roster";
        return new Question<RunAllowed>.Arises(
            new($"May the code of this change be run? Asked because {because}.", null, null, null, 1, [], needs.Findings),
            given => new("allowed by people", given.By, given.Envelopes));
    }
}
