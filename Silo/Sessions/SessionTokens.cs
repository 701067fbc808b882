using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Sessions;

/// <summary>Verifies a session: a JWT that the issuer signed with a key that it publishes, for this installation, good now.</summary>
internal sealed class SessionTokens(TrustedIssuer issuer, IIssuerKeys keys, TimeProvider time)
{
    public const int LongestToken = 16 << 10;

    /// <summary>A session that lives for longer is no session.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(24);

    private const int LongestSubject = 255;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    // Never one whose key those who verify have too, and never none.
    private static readonly ImmutableArray<string> Algorithms =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };

    public async ValueTask<SessionReading> ReadAsync(string token)
    {
        if (Parse(token, out var problem) is not { } jwt)
        {
            return new(null, problem);
        }
        if (await keys.CurrentAsync() is not { } known || (known.Named(jwt.Kid).IsEmpty && (known = await keys.NewestAsync()) is null))
        {
            return new(null, "a session that cannot be verified now, because the issuer's keys are not to be had");
        }
        var named = known.Named(jwt.Kid);
        if (named.IsEmpty)
        {
            return new(null, "a session under a key that the issuer does not publish");
        }
        var result = await _handler.ValidateTokenAsync(jwt, ParametersFor(named));
        return result.IsValid ? Read(jwt) : new(null, result.Exception switch
        {
            SecurityTokenInvalidLifetimeException => ProblemOfTime(jwt)!,
            SecurityTokenInvalidAudienceException => "a session for somebody else",
            SecurityTokenInvalidIssuerException => "a session of another issuer",
            _ => "a session that the issuer did not sign",
        });
    }

    // What can be told without any key is told first: rubbish must not lead to the issuer.
    private JsonWebToken? Parse(string token, out string problem)
    {
        problem = "something that is no session";
        if (token.Length > LongestToken)
        {
            problem = "a session that is too long";
            return null;
        }
        try
        {
            var jwt = token.Split('.').Length == 3 ? new JsonWebToken(token) : null;
            problem = jwt switch
            {
                null => problem,
                _ when !Algorithms.Contains(jwt.Alg) => $"a session signed with {new UntrustedText(jwt.Alg ?? "nothing").Shown(16)}",
                // Whoever does not know an extension that counts must not believe the token (RFC 7515).
                _ when jwt.TryGetHeaderValue<object>("crit", out _) => "a session with an extension that is not known",
                _ when jwt.Issuer != issuer.Name => "a session of another issuer",
                _ => "",
            };
            return problem.Length == 0 ? jwt : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    private TokenValidationParameters ParametersFor(ImmutableArray<SecurityKey> named) => new()
    {
        ValidIssuer = issuer.Name,
        ValidAudience = issuer.Audience,
        IssuerSigningKeys = named,
        ValidAlgorithms = Algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        RequireAudience = true,
        LifetimeValidator = (_, _, token, _) => token is JsonWebToken jwt && ProblemOfTime(jwt) is null,
    };

    private string? ProblemOfTime(JsonWebToken jwt)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return jwt switch
        {
            _ when jwt.ValidTo == DateTime.MinValue => "a session without an end",
            _ when jwt.ValidTo + Skew <= now => "a session that has expired",
            _ when jwt.ValidFrom != DateTime.MinValue && jwt.ValidFrom - Skew > now => "a session that is not good yet",
            _ when jwt.IssuedAt != DateTime.MinValue && jwt.IssuedAt - Skew > now => "a session from the future",
            _ when jwt.ValidTo - now > LongestLife => "a session that lives too long",
            _ => null,
        };
    }

    private SessionReading Read(JsonWebToken jwt)
    {
        try
        {
            var payload = StatementJson.Document(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload));
            var subject = TextOf(payload, "sub");
            if (subject is not { Length: > 0 and <= LongestSubject })
            {
                return new(null, "a session of nobody");
            }
            DateTimeOffset? signedIn = payload.TryGetProperty("auth_time", out var then) && then.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
            return new(new Session(
                issuer.AccountOf(subject), issuer.NamesPeople ? subject : null, issuer.RolesIn(payload),
                [.. TrustedIssuer.Texts(payload.TryGetProperty("amr", out var methods) ? methods : null)], TextOf(payload, "acr"), signedIn,
                new DateTimeOffset(jwt.ValidTo)));
        }
        catch (Exception malformed) when (malformed is RefusedException or InvalidOperationException or ArgumentException or FormatException)
        {
            return new(null, "a session whose claims cannot be read");
        }
    }

    private static string? TextOf(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
