using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Inbox;

/// <summary>One delivery of a webhook, checked and ready to be kept.</summary>
/// <param name="Source">Who sent it: the name whose secret signed it.</param>
/// <param name="Id">The sender's id of it, 1 to 64 plain characters; the same id is the same delivery.</param>
/// <param name="Body">The bytes that were signed.</param>
internal sealed record Delivery(string Source, string Id, PullRequestEvent Event, byte[] Body, DateTimeOffset ReceivedAt)
{
    public const int MostBytes = 1 << 20;

    /// <summary>What tells a repetition from another delivery under the same id.</summary>
    public string Digest { get; } = Deployments.Digest.Of(Body).Hex;

    /// <summary>Names it among all.</summary>
    public string Key => $"{Source}/{Id}";
}

/// <summary>What happened to a pull request, by the sender's word.</summary>
/// <param name="Application">The name it is registered under.</param>
/// <param name="Head">The branch with the change.</param>
/// <param name="Base">The branch it goes to.</param>
internal sealed record PullRequestEvent(PullRequestAction Action, string Application, string Head, string Base);

internal enum PullRequestAction
{
    Opened,
    Updated,
    Closed,
}

/// <summary>What became of a delivery that was to be kept.</summary>
internal enum Kept
{
    /// <summary>It is durable.</summary>
    Now,

    /// <summary>It was durable before: the same id and body.</summary>
    Before,

    /// <summary>Another body has its id.</summary>
    Other,

    /// <summary>Too many wait to be written; it was not taken.</summary>
    Full,
}

/// <summary>A delivery that is not handed over yet.</summary>
/// <param name="Position">Its place in the order of arrival.</param>
/// <param name="Deployment">Which deployment it was found to be for; null where nobody has looked.</param>
internal sealed record WaitingDelivery(
    long Position, string Source, string Id, PullRequestEvent Event, DateTimeOffset ReceivedAt, DeploymentId? Deployment)
{
    /// <summary>Deliveries of one lane are handed over in the order of their arrival.</summary>
    public (string Application, string Head) Lane => (Event.Application, Event.Head);
}

/// <summary>Where deliveries are kept until they are handed over, and their ids until they may be forgotten.</summary>
internal interface IInbox
{
    /// <summary>Keeps the delivery. It is durable when this returns.</summary>
    /// <exception cref="Outside.OutsideException">The database did not take it, or it is not known whether it did.</exception>
    Task<Kept> KeepAsync(Delivery delivery);

    /// <summary>Deliveries that wait, in the order of their arrival, from the one after <paramref name="after"/>.</summary>
    Task<ImmutableArray<WaitingDelivery>> ReadWaitingAsync(long after, int count, CancellationToken cancellation);

    /// <summary>Writes down which deployment it is for, before that is told. False where it is written down already, or settled.</summary>
    Task<bool> AimAsync(long position, DeploymentId deployment, CancellationToken cancellation);

    /// <summary>Ends the waiting. False where it had ended.</summary>
    /// <param name="reason">Why it was refused; null where it was handed over.</param>
    Task<bool> SettleAsync(long position, string? reason, DateTimeOffset at, CancellationToken cancellation);

    /// <summary>Forgets deliveries that were settled before this time, at most so many. Returns how many.</summary>
    Task<int> TrimAsync(DateTimeOffset before, int count, CancellationToken cancellation);
}
