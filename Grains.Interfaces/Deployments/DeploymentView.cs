using System.Collections.Immutable;

namespace Maestro.Deployments;

/// <summary>A line of <c>maestro list</c>, read from the derived head.</summary>
[GenerateSerializer, Immutable, Alias("maestro.deployment-summary")]
public sealed record DeploymentSummary(
    [property: Id(0)] string Id, [property: Id(1)] string Application, [property: Id(2)] int Attempt,
    [property: Id(3)] string Status, [property: Id(4)] string? Stage, [property: Id(5)] DateTimeOffset UpdatedAt, [property: Id(6)] string Head);

/// <summary>What <c>maestro get</c> shows of one deployment. Texts are already fit to be shown: cut to length and without control characters.</summary>
[GenerateSerializer, Immutable, Alias("maestro.deployment-view")]
public sealed record DeploymentView(
    [property: Id(0)] string Id, [property: Id(1)] string Application, [property: Id(2)] string Title, [property: Id(3)] string Author,
    [property: Id(4)] int Attempt, [property: Id(5)] string Head, [property: Id(6)] string Base, [property: Id(7)] string Status,
    [property: Id(8)] Outcome? Outcome, [property: Id(9)] string? Code, [property: Id(10)] DateTimeOffset OpenedAt, [property: Id(11)] DateTimeOffset? ClosedAt,
    [property: Id(12)] ImmutableArray<StageView> Stages, [property: Id(13)] ImmutableArray<WaitView> Waits,
    [property: Id(14)] int Entries, [property: Id(15)] ImmutableArray<string> SensitivePaths);

/// <summary>One row of the plan as it stands in the newest attempt.</summary>
/// <param name="Status">pending, running, proved, refused, broke, undoing, undone or cancelled.</param>
/// <param name="Detail">A short sentence for people: what was proved, or why it was refused.</param>
[GenerateSerializer, Immutable, Alias("maestro.stage-view")]
public sealed record StageView(
    [property: Id(0)] Stage Stage, [property: Id(1)] string Asked, [property: Id(2)] string Status, [property: Id(3)] int Try,
    [property: Id(4)] DateTimeOffset? StartedAt, [property: Id(5)] DateTimeOffset? EndedAt, [property: Id(6)] string? Detail,
    [property: Id(7)] Reason? Reason, [property: Id(8)] Digest? Evidence);

/// <summary>One thing the deployment waits for: owner, reason, what would move it, and when it moves by itself.</summary>
[GenerateSerializer, Immutable, Alias("maestro.wait-view")]
public sealed record WaitView(
    [property: Id(0)] string Owner, [property: Id(1)] string For, [property: Id(2)] string WayOut, [property: Id(3)] DateTimeOffset MovesAt);
