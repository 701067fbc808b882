using System.Collections.Immutable;
using Maestro.Sessions;

namespace Maestro.Hosting;

/// <summary>Where people get a session for a silo, as the silo writes it down for the console. Nothing of it is secret.</summary>
/// <param name="Issuer">The issuer's address, as it names itself.</param>
/// <param name="Own">Whether it is the silo's own, which takes the person's key.</param>
/// <param name="Levels">The values of <c>acr</c> that count as more than one factor.</param>
/// <param name="Seconds">How long ago a sign-in may be for what asks for more than one factor.</param>
internal sealed record SignInPlace(
    string Issuer, string Audience, string ClientId, string Scope, bool Own, ImmutableArray<string> Levels, int Seconds)
{
    public static SignInPlace? Of(SignInSettings settings) => settings switch
    {
        { Issuer: { } outside } => new(
            outside.Address, outside.Audience, outside.ClientId, outside.Scope, false, outside.StepUp.Levels, (int)outside.StepUp.Within.TotalSeconds),
        { ApiPort: > 0 } => new(OwnIssuer.NameAt(settings.ApiPort), OwnIssuer.Audience, OwnIssuer.Audience, "", true, [], 0),
        _ => null,
    };

    /// <summary>Whether the console may send anything there: what it read is from a file.</summary>
    public bool IsUsable =>
        Issuer is { Length: > 0 } && OutsideIssuer.IsSafe(Issuer) && Audience is { Length: > 0 } && ClientId is not null && Scope is not null;
}
