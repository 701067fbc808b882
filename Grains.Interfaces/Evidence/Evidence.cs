using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Deployments;

namespace Maestro.Evidence;

/// <summary>
/// What a stage has shown. Each kind is a predicate of its own; all are bound to one deployment and one attempt by the statement around them.
/// </summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence")]
public abstract record Proof;

/// <summary>The change an attempt is bound to, as the git host gave it, and the registration it was opened under.</summary>
/// <param name="Head">The pull request's head commit, 40 hexadecimal digits.</param>
/// <param name="Base">The tip of the base branch when the attempt was opened.</param>
/// <param name="MergeTree">The tree of head merged into base; this is what is built.</param>
/// <param name="MergeCommit">A commit with that tree and the parents base and head, kept by the git host under a ref of its own.</param>
/// <param name="Authors">Opener, committers and last pusher together: roster ids where known, else e-mail addresses.</param>
/// <param name="AuthorsKnown">Every author is in the roster and the change is not from a fork.</param>
/// <param name="SensitivePaths">
/// Changed paths that can change how the change itself is judged: manifest, workflows, CODEOWNERS, policies, infrastructure.
/// </param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.change-opened")]
public sealed record ChangeOpened(
    [property: Id(0)] Application Application, [property: Id(1)] int Number, [property: Id(2)] string Title,
    [property: Id(3)] string HeadBranch, [property: Id(4)] string BaseBranch,
    [property: Id(5)] string Head, [property: Id(6)] string Base, [property: Id(7)] string MergeTree, [property: Id(8)] string MergeCommit,
    [property: Id(9)] string Opener, [property: Id(10)] ImmutableArray<string> Authors, [property: Id(11)] bool AuthorsKnown,
    [property: Id(12)] ImmutableArray<string> SensitivePaths) : Proof;

/// <summary>The verdict of the review. Only <c>approve</c> and <c>comment</c> are proofs; <c>reject</c> refuses.</summary>
/// <param name="Reviewer">Who reviewed, for example <c>offline rules 1</c>; says so when no language model took part.</param>
/// <param name="Coverage">The share of changed lines that were read, from 0 to 1; below 1 a verdict is never <c>approve</c>.</param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.change-reviewed")]
public sealed record ChangeReviewed(
    [property: Id(0)] Verdict Verdict, [property: Id(1)] string Reviewer, [property: Id(2)] bool LanguageModel,
    [property: Id(3)] double Coverage, [property: Id(4)] ImmutableArray<Finding> Findings) : Proof;

/// <summary>The reviewer's verdict; a model can only lower it.</summary>
[GenerateSerializer, Alias("maestro.verdict")]
public enum Verdict
{
    Reject,
    Comment,
    Approve,
}

/// <summary>How much a finding weighs: high and above reject, medium asks a person, low is shown.</summary>
[GenerateSerializer, Alias("maestro.severity")]
public enum Severity
{
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>One finding of a review or a scan.</summary>
/// <param name="Rule">A stable id such as <c>dangerous-call</c>.</param>
/// <param name="Path">The file, made fit to be shown.</param>
/// <param name="Line">The line on the new side, from 1; 0 where the finding is about no line.</param>
/// <param name="Message">A sentence of the rule's own, at most 400 characters; never text of the change.</param>
[GenerateSerializer, Immutable, Alias("maestro.finding")]
public sealed record Finding(
    [property: Id(0)] string Rule, [property: Id(1)] Severity Severity, [property: Id(2)] string Path,
    [property: Id(3)] int Line, [property: Id(4)] string Message);

/// <summary>Code of this change may be run: its author is known and the review was clean, or people said so.</summary>
/// <param name="Because">Such as <c>author is known and review approved</c>, or <c>allowed by people</c>.</param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.run-allowed")]
public sealed record RunAllowed(
    [property: Id(0)] string Because, [property: Id(1)] ImmutableArray<string> By, [property: Id(2)] ImmutableArray<string> Approvals) : Proof;

/// <summary>An image was built from the attempt's merge tree.</summary>
/// <param name="Image">The content digest of the build's output.</param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.image-built")]
public sealed record ImageBuilt(
    [property: Id(0)] Digest Image, [property: Id(1)] string MergeTree, [property: Id(2)] long Bytes, [property: Id(3)] int Files,
    [property: Id(4)] bool Sandboxed, [property: Id(5)] double Seconds) : Proof;

/// <summary>The manifest's test command ended with 0 on the attempt's tree, or the manifest names none.</summary>
/// <param name="Ran">False where there is no test command: nothing was tested, and whoever reads this is told so.</param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.tests-passed")]
public sealed record TestsPassed(
    [property: Id(0)] Digest Image, [property: Id(1)] bool Sandboxed, [property: Id(2)] double Seconds, [property: Id(3)] bool Ran = true) : Proof;

/// <summary>The scan read every file of the image and found nothing that blocks.</summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence.image-cleared")]
public sealed record ImageCleared(
    [property: Id(0)] Digest Image, [property: Id(1)] string Scanner, [property: Id(2)] int FilesRead,
    [property: Id(3)] ImmutableArray<Finding> Findings) : Proof;

/// <summary>What would change in an environment, and the digest of the plan that may be applied.</summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence.environment-planned")]
public abstract record EnvironmentPlanned(
    [property: Id(0)] Digest Plan, [property: Id(1)] string Lineage, [property: Id(2)] long Serial, [property: Id(3)] ImmutableArray<PlannedChange> Changes,
    [property: Id(4)] ImmutableArray<string> Violations, [property: Id(5)] Digest Policies) : Proof
{
    /// <summary>Something is deleted or replaced.</summary>
    public bool Destroys => Changes.Any(change => change.Action is PlannedAction.Delete or PlannedAction.Replace);

    /// <summary>A port, and so a public endpoint, is touched.</summary>
    public bool TouchesEndpoints => Changes.Any(change => change.Endpoint);
}

[GenerateSerializer, Immutable, Alias("maestro.evidence.staging-planned")]
public sealed record StagingPlanned(
    Digest Plan, string Lineage, long Serial, ImmutableArray<PlannedChange> Changes, ImmutableArray<string> Violations, Digest Policies)
    : EnvironmentPlanned(Plan, Lineage, Serial, Changes, Violations, Policies);

[GenerateSerializer, Immutable, Alias("maestro.evidence.production-planned")]
public sealed record ProductionPlanned(
    Digest Plan, string Lineage, long Serial, ImmutableArray<PlannedChange> Changes, ImmutableArray<string> Violations, Digest Policies)
    : EnvironmentPlanned(Plan, Lineage, Serial, Changes, Violations, Policies);

/// <summary>One line of a plan.</summary>
/// <param name="Address">Such as <c>file.config/banner.txt</c>.</param>
/// <param name="Endpoint">It opens, moves or closes a port.</param>
/// <param name="Summary">What changes, in a few words, secrets left out.</param>
[GenerateSerializer, Immutable, Alias("maestro.planned-change")]
public sealed record PlannedChange(
    [property: Id(0)] PlannedAction Action, [property: Id(1)] string Address, [property: Id(2)] bool Endpoint, [property: Id(3)] string Summary);

[GenerateSerializer, Alias("maestro.planned-action")]
public enum PlannedAction
{
    Create,
    Update,
    Replace,
    Delete,
}

/// <summary>The staging plan may be applied: people approved it, or nothing changes.</summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence.staging-plan-approved")]
public sealed record StagingPlanApproved(
    [property: Id(0)] Digest Plan, [property: Id(1)] string Because, [property: Id(2)] ImmutableArray<string> By,
    [property: Id(3)] ImmutableArray<string> Approvals) : Proof
{
    /// <summary>The signed words of the two who broke the glass, each an envelope in JSON; empty where the approvals carry it.</summary>
    [Id(4)] public ImmutableArray<string> Glass { get; init; } = [];
}

/// <summary>Exactly the approved plan was applied; the environment's lock is held with this token.</summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence.environment-provisioned")]
public abstract record EnvironmentProvisioned(
    [property: Id(0)] Digest Plan, [property: Id(1)] string Lineage, [property: Id(2)] long Serial, [property: Id(3)] long Token) : Proof;

[GenerateSerializer, Immutable, Alias("maestro.evidence.staging-provisioned")]
public sealed record StagingProvisioned(Digest Plan, string Lineage, long Serial, long Token) : EnvironmentProvisioned(Plan, Lineage, Serial, Token);

[GenerateSerializer, Immutable, Alias("maestro.evidence.production-provisioned")]
public sealed record ProductionProvisioned(Digest Plan, string Lineage, long Serial, long Token) : EnvironmentProvisioned(Plan, Lineage, Serial, Token);

/// <summary>The image serves staging and its health checks pass.</summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence.staging-healthy")]
public sealed record StagingHealthy([property: Id(0)] Digest Image, [property: Id(1)] string Release, [property: Id(2)] double Seconds) : Proof;

/// <summary>In staging the live release took over from this image and gave back again, both healthy.</summary>
/// <param name="Live">The image live in production when it was rehearsed; null before the first release.</param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.rollback-rehearsed")]
public sealed record RollbackRehearsed(
    [property: Id(0)] Digest Image, [property: Id(1)] Digest? Live, [property: Id(2)] double Seconds, [property: Id(3)] DateTimeOffset At) : Proof;

/// <summary>Plan and release of production were approved in one decision.</summary>
/// <param name="Approvals">The people's signed approvals, each an envelope in JSON.</param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.production-approved")]
public sealed record ProductionApproved(
    [property: Id(0)] Digest Plan, [property: Id(1)] Digest Image, [property: Id(2)] ImmutableArray<string> By,
    [property: Id(3)] ImmutableArray<string> Approvals, [property: Id(4)] RollbackRehearsed Rehearsal) : Proof
{
    /// <summary>The signed words of the two who broke the glass, each an envelope in JSON; empty where the approvals carry it.</summary>
    [Id(5)] public ImmutableArray<string> Glass { get; init; } = [];
}

/// <summary>Production's users are served by this image.</summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence.promoted")]
public sealed record Promoted(
    [property: Id(0)] Digest Image, [property: Id(1)] string Release, [property: Id(2)] long Token, [property: Id(3)] DateTimeOffset At,
    [property: Id(4)] string? Before) : Proof;

/// <summary>Production stayed healthy through the watch window.</summary>
[GenerateSerializer, Immutable, Alias("maestro.evidence.settled")]
public sealed record Settled([property: Id(0)] Digest Image, [property: Id(1)] double Seconds) : Proof;

/// <summary>The change is merged, or the manifest leaves that to people.</summary>
/// <param name="MergedAs">The commit the base branch now points at; null where the manifest says <c>merge: never</c>.</param>
[GenerateSerializer, Immutable, Alias("maestro.evidence.finished")]
public sealed record Finished([property: Id(0)] string? MergedAs) : Proof;
