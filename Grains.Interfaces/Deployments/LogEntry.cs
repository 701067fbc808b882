using System.Text.Json.Serialization;

namespace Maestro.Deployments;

/// <summary>
/// One entry of a deployment's log. Entries are never changed or deleted, so they hold codes, digests and ids only;
/// texts and evidence are in the blob store under the digest.
/// </summary>
/// <param name="Attempt">The attempt the entry belongs to, from 1.</param>
/// <param name="At">When the writer recorded it, by the writer's clock.</param>
/// <param name="Actor">Who caused it: a person's id, or <c>role:</c> and the role.</param>
[GenerateSerializer, Immutable, Alias("maestro.entry")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AttemptOpened), nameof(AttemptOpened))]
[JsonDerivedType(typeof(Started), nameof(Started))]
[JsonDerivedType(typeof(Proved), nameof(Proved))]
[JsonDerivedType(typeof(Refused), nameof(Refused))]
[JsonDerivedType(typeof(Broke), nameof(Broke))]
[JsonDerivedType(typeof(CancelRequested), nameof(CancelRequested))]
[JsonDerivedType(typeof(Undone), nameof(Undone))]
[JsonDerivedType(typeof(Commanded), nameof(Commanded))]
[JsonDerivedType(typeof(Closed), nameof(Closed))]
public abstract record LogEntry([property: Id(0)] int Attempt, [property: Id(1)] DateTimeOffset At, [property: Id(2)] string Actor)
{
    /// <summary>A push, or a moved base, opened this attempt. It is bound to these three objects and to the table it was opened with.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.attempt-opened")]
    public sealed record AttemptOpened(
        int Attempt, DateTimeOffset At, string Actor,
        [property: Id(0)] string Head, [property: Id(1)] string Base, [property: Id(2)] string MergeTree,
        [property: Id(3)] Digest Evidence, [property: Id(4)] int TableVersion) : LogEntry(Attempt, At, Actor);

    /// <summary>From here on the stage may have touched the world.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.started")]
    public sealed record Started(
        int Attempt, DateTimeOffset At, string Actor,
        [property: Id(0)] Stage Stage, [property: Id(1)] int Try, [property: Id(2)] DateTimeOffset Deadline) : LogEntry(Attempt, At, Actor);

    /// <summary>The stage has shown what the plan says it proves.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.proved")]
    public sealed record Proved(
        int Attempt, DateTimeOffset At, string Actor,
        [property: Id(0)] Stage Stage, [property: Id(1)] int Try, [property: Id(2)] Digest Evidence) : LogEntry(Attempt, At, Actor);

    /// <summary>The world said no; asking again gets the same answer, so the attempt goes back.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.refused")]
    public sealed record Refused(
        int Attempt, DateTimeOffset At, string Actor,
        [property: Id(0)] Stage Stage, [property: Id(1)] int Try, [property: Id(2)] string Code, [property: Id(3)] Digest? Detail)
        : LogEntry(Attempt, At, Actor);

    /// <summary>We could not find out; the row is tried again within its limits. While going back it counts a failed undo.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.broke")]
    public sealed record Broke(
        int Attempt, DateTimeOffset At, string Actor,
        [property: Id(0)] Stage Stage, [property: Id(1)] int Try, [property: Id(2)] string Code, [property: Id(3)] Digest? Detail)
        : LogEntry(Attempt, At, Actor);

    /// <summary>The attempt goes back: superseded, aborted, rolled back by command, or out of tries.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.cancel-requested")]
    public sealed record CancelRequested(
        int Attempt, DateTimeOffset At, string Actor, [property: Id(0)] string Code) : LogEntry(Attempt, At, Actor);

    /// <summary>On the way back, what the stage may have done is gone or was never there.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.undone")]
    public sealed record Undone(
        int Attempt, DateTimeOffset At, string Actor, [property: Id(0)] Stage Stage, [property: Id(1)] Digest? Evidence) : LogEntry(Attempt, At, Actor);

    /// <summary>A person's command, as they gave it.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.commanded")]
    public sealed record Commanded(
        int Attempt, DateTimeOffset At, string Actor,
        [property: Id(0)] Command Command, [property: Id(1)] string? Target) : LogEntry(Attempt, At, Actor);

    /// <summary>Nothing of this attempt is left to do.</summary>
    [GenerateSerializer, Immutable, Alias("maestro.entry.closed")]
    public sealed record Closed(
        int Attempt, DateTimeOffset At, string Actor, [property: Id(0)] Outcome Outcome, [property: Id(1)] string Code) : LogEntry(Attempt, At, Actor);
}
