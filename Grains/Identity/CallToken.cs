using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Maestro.Identity;

/// <summary>What a call token claims. It is good for one method of one grain, once, for at most <see cref="LongestLife"/>.</summary>
/// <param name="Subject">Who calls; their key signs.</param>
/// <param name="Audience">The interface's alias, else its name, a slash, and the method's name.</param>
/// <param name="Target">The id of the grain that is called.</param>
/// <param name="Chain">Who stands behind the call, the initiator first, at most <see cref="LongestChain"/>.</param>
/// <param name="Deployment">The deployment the call is made for, where there is one.</param>
/// <param name="Arguments">What the call says, see <see cref="CallArguments"/>; null for a call without arguments.</param>
/// <param name="Session">The digest of the session that goes with it, see <see cref="SessionCheck"/>; null for none.</param>
public sealed record CallToken(
    [property: JsonPropertyName("sub")] string Subject, [property: JsonPropertyName("aud")] string Audience,
    [property: JsonPropertyName("to")] string Target, [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("exp")] long ExpiresAt, [property: JsonPropertyName("nonce")] string Nonce,
    [property: JsonPropertyName("chain")] ImmutableArray<string> Chain, [property: JsonPropertyName("dep")] string? Deployment = null,
    [property: JsonPropertyName("args")] string? Arguments = null, [property: JsonPropertyName("ses")] string? Session = null)
{
    /// <summary>Where a call carries its token: a key of Orleans' request context.</summary>
    public const string ContextKey = "maestro.call";

    public const int LongestChain = 8;

    public static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(60);
}
