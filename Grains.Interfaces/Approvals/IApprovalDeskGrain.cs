using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Orleans.Concurrency;

namespace Maestro.Approvals;

/// <summary>A team's desk; the key is <c>desk/{team}</c>. It shows the questions that wait for people, and takes their signed answers.</summary>
[Alias("maestro.IApprovalDeskGrain")]
public interface IApprovalDeskGrain : IGrainWithStringKey
{
    /// <summary>What waits for a person, oldest first.</summary>
    [Admits(Role.Viewer, Role.Gateway), AlwaysInterleave, Alias("ListAsync")]
    Task<ImmutableArray<ApprovalRequest>> ListAsync();

    /// <summary>
    /// Takes one person's signed decision, countersigned by the gateway. Only the signatures decide who decided; the caller merely carries it.
    /// </summary>
    /// <returns>What is still missing, or nothing where the question is answered.</returns>
    /// <exception cref="RefusedException">The decision is refused: unknown key, author, wrong binding, expired, or already given.</exception>
    [Admits(Role.Gateway), Alias("DecideAsync")]
    Task<string?> DecideAsync(Envelope decision);

    /// <summary>Takes one person's signed word, countersigned by the gateway, that the glass is to be broken for a question.</summary>
    /// <returns>What is still missing, or nothing where both have signed.</returns>
    /// <exception cref="RefusedException">It does not count: unknown key, wrong role, author, the same person, wrong binding or expired.</exception>
    [Admits(Role.Gateway), Alias("BreakGlassAsync")]
    Task<string?> BreakGlassAsync(Envelope word);
}

/// <summary>One question to people, with the facts they are asked about.</summary>
/// <param name="Nonce">A fresh value that the decision must repeat.</param>
/// <param name="Needed">How many different people must approve.</param>
[GenerateSerializer, Immutable, Alias("maestro.approval-request")]
public sealed record ApprovalRequest(
    [property: Id(0)] string Deployment, [property: Id(1)] int Attempt, [property: Id(2)] Stage Stage, [property: Id(3)] int Try,
    [property: Id(4)] string Head, [property: Id(5)] string Base, [property: Id(6)] Digest? Plan, [property: Id(7)] Digest? Image,
    [property: Id(8)] string? Environment, [property: Id(9)] string Nonce, [property: Id(10)] DateTimeOffset AskedAt,
    [property: Id(11)] DateTimeOffset Deadline, [property: Id(12)] int Needed, [property: Id(13)] ImmutableArray<string> Given,
    [property: Id(14)] ImmutableArray<string> Authors,
    [property: Id(15)] string Question, [property: Id(16)] ImmutableArray<PlannedChange> Changes, [property: Id(17)] ImmutableArray<Finding> Findings)
{
    /// <summary>Who asks to break the glass for it; null where nobody does.</summary>
    [Id(18)] public GlassRequest? Glass { get; init; }
}

/// <summary>What a person signs. Every field is compared with the request; none is looked up by the person's word.</summary>
/// <param name="Person">The signer's roster id; must be the one whose key signed.</param>
/// <param name="Expires">After this the decision is refused, at most 15 minutes after <paramref name="IssuedAt"/>.</param>
[GenerateSerializer, Immutable, Alias("maestro.decision")]
public sealed record Decision(
    [property: Id(0)] string Deployment, [property: Id(1)] int Attempt, [property: Id(2)] Stage Stage,
    [property: Id(3)] string Head, [property: Id(4)] string Base, [property: Id(5)] Digest? Plan, [property: Id(6)] Digest? Image,
    [property: Id(7)] string? Environment, [property: Id(8)] string Nonce, [property: Id(9)] string Person, [property: Id(10)] bool Approved,
    [property: Id(11)] string? Comment, [property: Id(12)] DateTimeOffset IssuedAt, [property: Id(13)] DateTimeOffset Expires) : IPersonsWord;
