using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>What a session says of somebody who signed in, as it was verified. It says who it is and narrows what they may do; it admits to nothing.</summary>
/// <param name="Account">Who signed in, as <c>oidc:ISSUER#SUBJECT</c>.</param>
/// <param name="Person">Whom the issuer names by their id in the roster; null where the roster says whose the account is.</param>
/// <param name="Roles">The roles that its claims map to. The roster may give fewer.</param>
/// <param name="Methods">How they signed in (<c>amr</c>, RFC 8176).</param>
/// <param name="Level">How much that is worth to the issuer (<c>acr</c>).</param>
/// <param name="SignedInAt">When they last showed who they are; null where the issuer does not say.</param>
public sealed record Session(
    string Account, string? Person, ImmutableArray<Role> Roles, ImmutableArray<string> Methods, string? Level, DateTimeOffset? SignedInAt,
    DateTimeOffset ExpiresAt)
{
    /// <summary>Whether it is this person's.</summary>
    public bool IsOf(Person person) => Person is { } id
        ? id == person.Id
        : !person.Accounts.IsDefaultOrEmpty && person.Accounts.Contains(Account, StringComparer.Ordinal);

    /// <summary>Whose it is by the roster of this moment; null where the roster does not know.</summary>
    public Person? Owner(IDirectory directory) => Person is { } id ? directory.Find(id) : directory.FindByAccount(Account);

    /// <summary>What the person may do in it: what both the roster of this moment and the session give.</summary>
    public ImmutableArray<Role> RolesOf(Person person) =>
        [.. person.Roles.Where(role => Principal.PeopleRoles.Contains(role) && Roles.Contains(role))];
}

/// <summary>When a sign-in counts as one with more than one factor.</summary>
/// <param name="Within">How long ago it may have been.</param>
/// <param name="Levels">The values of <c>acr</c> that count beside the methods.</param>
public sealed record StepUp(TimeSpan Within, ImmutableArray<string> Levels)
{
    // RFC 8176: several factors, or a key in hardware, which the issuer takes only together with its owner.
    private static readonly ImmutableArray<string> Strong = ["mfa", "hwk"];

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>What the person lacks; null where nothing.</summary>
    public string? ProblemOf(Session session, DateTimeOffset now) => session switch
    {
        _ when !session.Methods.Any(Strong.Contains) && !(session.Level is { } level && Levels.Contains(level)) => "a sign-in with one factor",
        { SignedInAt: null } => "a sign-in of which the issuer does not say when it was",
        { SignedInAt: { } then } when now - then > Within => "a sign-in that is too long ago",
        { SignedInAt: { } then } when then - now > Skew => "a sign-in of the future",
        _ => null,
    };
}
