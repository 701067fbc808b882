using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Approvals;

/// <summary>
/// Says whether a person's signed decision counts. The desk asks when a decision comes in, and Promote asks again before it touches
/// production: the desk's word is not enough.
/// </summary>
public sealed class ApprovalCheck(IKeyring keyring, IDirectory directory)
{
    /// <summary>More approvals than this are not looked at.</summary>
    private const int MostApprovals = 20;

    private readonly Countersigning _countersigning = new(keyring, directory);
    private readonly GlassCheck _glass = new(keyring, directory);

    /// <summary>The decision's question is not open.</summary>
    internal static RefusedException Unknown() => new(new Reason("approval.unknown", "A decision answers a question that is open at this desk.",
        "the nonce of an open question", "none such", "See what is open with: maestro list."));

    /// <summary>The decision, if the enrolled key of the person it names signed it, and the gateway countersigned it.</summary>
    /// <exception cref="RefusedException">A signature or the form is wrong.</exception>
    public Decision Open(Envelope envelope) => _countersigning.Open<Decision>(envelope, PredicateTypes.Decision);

    /// <summary>Why this decision does not count for this request; null where it does.</summary>
    public Reason? FindFault(ApprovalRequest request, Decision decision, string team, DateTimeOffset now) =>
        Differs("deployment", request.Deployment, decision.Deployment)
        ?? Differs("attempt", request.Attempt, decision.Attempt)
        ?? Differs("stage", request.Stage, decision.Stage)
        ?? Differs("head", request.Head, decision.Head)
        ?? Differs("base", request.Base, decision.Base)
        ?? Differs("plan", request.Plan, decision.Plan)
        ?? Differs("image", request.Image, decision.Image)
        ?? Differs("environment", request.Environment, decision.Environment)
        ?? Differs("nonce", request.Nonce, decision.Nonce)
        ?? Countersigning.TimeFault(decision, now)
        ?? PersonFault(decision.Person, request.Authors, team)
        ?? (request.Given.Any(given => directory.IsSame(decision.Person, given))
            ? new("approval.given", "A person approves once, under whatever names.", "somebody who has not approved yet", decision.Person,
                "Somebody else must approve too.")
            : null);

    /// <summary>Why these approvals do not carry this release; null where they do.</summary>
    public Reason? FindFault(Assignment assignment, ProductionPlanned planned, ProductionApproved approved) => FindFault(
        assignment, Stage.Approval, planned.Plan, approved.Image, approved.Approvals, (approved.Glass, approved.By),
        Math.Max(1, assignment.Change.Application.Production.Approvals) + Approvers.Additional(planned));

    /// <summary>Why these approvals do not carry this plan of staging; null where they do, or where nothing changes.</summary>
    // Glass that was broken passes a hold, so it is looked at also where no plan had to be approved.
    public Reason? FindFault(Assignment assignment, StagingPlanned planned, StagingPlanApproved approved) =>
        planned.Changes.IsEmpty && approved.Glass.IsDefaultOrEmpty
        ? null
        : FindFault(assignment, Stage.StagingPlanReview, planned.Plan, null, approved.Approvals, (approved.Glass, approved.By),
            assignment.Change.Application.Staging.Approvals + Approvers.Additional(planned));

    /// <summary>Why the code of this change may not be run by these approvals; null where they do, or where nobody had to be asked.</summary>
    public Reason? FindFault(Assignment assignment, ChangeReviewed reviewed, RunAllowed allowed) => AllowRunQuestion.IsAsked(assignment, reviewed)
        ? FindFault(assignment, Stage.AllowRun, null, null, allowed.Approvals, ([], []), 1)
        : null;

    /// <summary>Why a glass that was broken cannot be used at this time any more; null where it can, or where none was broken.</summary>
    public Reason? FindFault(ImmutableArray<string> glass, DateTimeOffset usedAt) =>
        glass.IsDefaultOrEmpty ? null : GlassCheck.UseFault(_glass.Pair(glass).First, usedAt);

    /// <summary>The words of the two who broke the glass; null where nobody did.</summary>
    public (GlassBreak First, GlassBreak Second)? Glass(ImmutableArray<string> glass) => glass.IsDefaultOrEmpty ? null : _glass.Pair(glass);

    private Reason? FindFault(
        Assignment assignment, Stage stage, Digest? plan, Digest? image, ImmutableArray<string> approvals,
        (ImmutableArray<string> Words, ImmutableArray<string> By) glass, int needed)
    {
        if (!glass.Words.IsDefaultOrEmpty)
        {
            return _glass.FindFault(assignment, stage, plan, image, glass.Words) ?? NamedFault(_glass.Pair(glass.Words), glass.By);
        }
        // People are counted and not names: one human being is one, under however many accounts.
        var people = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in approvals.IsDefault ? [] : approvals.Take(MostApprovals))
        {
            var decision = Open(JsonSerializer.Deserialize<Envelope>(text) ?? throw MessageRefusal.Malformed("null"));
            if (BindingFault(assignment, stage, plan, image, decision) is { } fault)
            {
                return fault;
            }
            people.Add(directory.IdentityOf(decision.Person)!);
        }
        return people.Count >= needed
            ? null
            : new("approval.too-few", "A plan, a release and a run need their number of different people.", $"{needed}", $"{people.Count}",
                "Use: maestro retry.");
    }

    // Pages and the ledger name them, so they are named rightly.
    private static Reason? NamedFault((GlassBreak First, GlassBreak Second) glass, ImmutableArray<string> by) =>
        !by.IsDefault && by.SequenceEqual([glass.First.Person, glass.Second.Person])
            ? null
            : new("glass.people", "Whoever broke the glass is named.", $"{glass.First.Person}, {glass.Second.Person}",
                new UntrustedText(by.IsDefault ? "" : string.Join(", ", by)).Shown(80), "Use: maestro retry.");

    private Reason? BindingFault(Assignment assignment, Stage stage, Digest? plan, Digest? image, Decision decision) =>
        Differs("deployment", assignment.Deployment.ToString(), decision.Deployment)
        ?? Differs("attempt", assignment.Attempt, decision.Attempt)
        ?? Differs("stage", stage, decision.Stage)
        ?? Differs("head", assignment.Change.Head, decision.Head)
        ?? Differs("base", assignment.Change.Base, decision.Base)
        ?? Differs("plan", plan, decision.Plan)
        ?? Differs("image", image, decision.Image)
        ?? Differs("environment", EnvironmentOf(stage), decision.Environment)
        ?? Differs("answer", true, decision.Approved)
        ?? PersonFault(decision.Person, assignment.Change.Authors, assignment.Change.Application.Team);

    // Whether code may be run is asked before anything concerns an environment.
    private static string? EnvironmentOf(Stage stage) => stage switch
    {
        Stage.AllowRun => null,
        Stage.StagingPlanReview => EnvironmentSettings.StagingName,
        _ => EnvironmentSettings.ProductionName,
    };

    private Reason? PersonFault(string id, ImmutableArray<string> authors, string team)
    {
        if (directory.Find(id) is not { } person || !person.Roles.Contains(Role.Reviewer))
        {
            return new("approval.not-reviewer", "Only a person with the reviewer role decides.", "a reviewer of the roster", id,
                "Ask an administrator for the role, or somebody who has it.");
        }
        if (directory.StandingFault(person, team) is { } fault)
        {
            return fault;
        }
        return directory.IsAmong(id, authors)
            ? new("approval.author",
                "Nobody decides on their own change under any of their accounts; opener, committers and last pusher are its authors together.",
                $"somebody other than {string.Join(", ", authors)}", id, "Ask somebody who has not worked on this change.")
            : null;
    }

    private static Reason? Differs<T>(string what, T expected, T found) => EqualityComparer<T>.Default.Equals(expected, found)
        ? null
        : new($"approval.{what}", $"A decision counts only for the {what} that was asked about.", $"{expected}",
            new UntrustedText($"{found}").Shown(80), "Look at the question again and decide on what it asks now.");
}
