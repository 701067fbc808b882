using Maestro.Deployments;

namespace Maestro.Approvals;

/// <summary>
/// What each of two people signs to break the glass: that one question of one attempt is answered without its reviewers, and that a hold is passed. Both
/// sign the same, so neither can be shown something else. What custody finds out for itself is not passed by it.
/// </summary>
/// <param name="Nonce">The question's own value, so that it is good for this question and once.</param>
/// <param name="Reason">Why it cannot wait, in the first one's words.</param>
/// <param name="Until">It must be used before; at most an hour after it was signed first.</param>
/// <param name="Person">Who signs; must be the one whose key signed.</param>
/// <param name="Expires">Until then the signature is taken; at most 15 minutes after <paramref name="IssuedAt"/>.</param>
public sealed record GlassBreak(
    string Deployment, int Attempt, Stage Stage, string Head, string Base, Digest? Plan, Digest? Image, string? Environment, string Nonce, string Reason,
    DateTimeOffset Until, string Person, DateTimeOffset IssuedAt, DateTimeOffset Expires) : IPersonsWord
{
    public const string PredicateType = "https://maestro.example/break-glass/v1";

    /// <summary>What a person signs about this question.</summary>
    public static GlassBreak Of(
        ApprovalRequest request, string reason, DateTimeOffset until, string person, DateTimeOffset now, DateTimeOffset expires) => new(
        request.Deployment, request.Attempt, request.Stage, request.Head, request.Base, request.Plan, request.Image, request.Environment, request.Nonce,
        reason, until, person, now, expires);

    /// <summary>Whether another signed the same, whoever and whenever.</summary>
    public bool IsSame(GlassBreak other) => this == other with { Person = Person, IssuedAt = IssuedAt, Expires = Expires };
}

/// <summary>That somebody asks to break the glass for a question, and waits for a second person.</summary>
/// <param name="Reason">The person's own words, fit to be shown.</param>
[GenerateSerializer, Immutable, Alias("maestro.glass-request")]
public sealed record GlassRequest([property: Id(0)] string Person, [property: Id(1)] string Reason, [property: Id(2)] DateTimeOffset Until);
