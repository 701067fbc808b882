using System.Collections.Immutable;
using Maestro.Identity;
using Orleans.Concurrency;

namespace Maestro.Anomalies;

/// <summary>
/// Watches over who sends what to whom in the whole cluster; the key is <c>senders/main</c>. It keeps what is usual for each sender and who is
/// cut off. A receiver reports for itself only, so nobody can cut a sender off from anybody else.
/// </summary>
[Alias("maestro.ISendersGrain")]
public interface ISendersGrain : IGrainWithStringKey
{
    /// <summary>Takes what a silo counted of the messages to the calling role. Returns the senders that are cut off from that role.</summary>
    [Admits(Role.Control, Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Desk), Alias("ReportAsync")]
    Task<ImmutableArray<string>> ReportAsync(ImmutableArray<Tally> tallies);

    /// <summary>Every sender that was seen or is cut off, by receiver.</summary>
    [Admits(Role.Viewer, Role.Sre, Role.Security, Role.Admin), AlwaysInterleave, Alias("ListAsync")]
    Task<ImmutableArray<SenderView>> ListAsync();

    /// <summary>
    /// Lets the sender through again everywhere, and begins anew to learn what is usual for it. Returns from how many receivers it was cut off.
    /// </summary>
    /// <param name="sender">A role, with or without <c>role:</c>.</param>
    /// <exception cref="Deployments.RefusedException">There is no such sender.</exception>
    [Admits(Role.Security, Role.Admin), StepUp, Alias("LiftAsync")]
    Task<int> LiftAsync(string sender, string reason);
}

/// <summary>What one silo counted of one sender's messages to one role since it last said so.</summary>
/// <param name="Sender"><c>role:</c> and the role whose key signed, or <see cref="Unverified"/>.</param>
/// <param name="Messages">Messages that passed every check: only the key's holder can have made them, and each counts once.</param>
/// <param name="Sizes">The same by size: the number at place n is of messages from 2^n bytes on.</param>
/// <param name="Largest">The most bytes that one had.</param>
/// <param name="Order">Of these, answers to what was never asked of this sender.</param>
/// <param name="Strange">Of these, messages that name a silo without the sender's role.</param>
/// <param name="Failed">Messages that failed a check; nobody's but the channel's.</param>
/// <param name="Replayed">Messages that came once more; nobody's but the channel's.</param>
/// <param name="OverLimit">The silo itself saw more in one window than the hard limit.</param>
/// <param name="Busiest">The deployment that most of them were about; null where there is none.</param>
/// <param name="Seconds">How long it counted.</param>
[GenerateSerializer, Immutable, Alias("maestro.tally")]
public sealed record Tally(
    [property: Id(0)] string Sender, [property: Id(1)] int Messages, [property: Id(2)] ImmutableArray<int> Sizes, [property: Id(3)] int Largest,
    [property: Id(4)] int Order, [property: Id(5)] int Strange, [property: Id(6)] int Failed, [property: Id(7)] int Replayed,
    [property: Id(8)] bool OverLimit, [property: Id(9)] string? Busiest, [property: Id(10)] double Seconds = 0)
{
    /// <summary>Whoever made what did not verify: all of them share one place, and none can be cut off.</summary>
    public const string Unverified = "unverified";
}

/// <summary>One sender at one receiver.</summary>
/// <param name="PerSecond">Messages a second over the last minute.</param>
/// <param name="Usual">What is usual at most, in messages a second; null while there is too little to know it.</param>
/// <param name="Failed">Messages of the last minute that failed a check.</param>
/// <param name="CutSince">Since when it is cut off; null where it is not.</param>
/// <param name="Why">The code why.</param>
[GenerateSerializer, Immutable, Alias("maestro.sender-view")]
public sealed record SenderView(
    [property: Id(0)] string Sender, [property: Id(1)] string Receiver, [property: Id(2)] double PerSecond, [property: Id(3)] double? Usual,
    [property: Id(4)] int Failed, [property: Id(5)] DateTimeOffset? CutSince, [property: Id(6)] string? Why);
