using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// A person's wish for a session, signed with the person's own key: a JWT (RFC 7523) with <c>EdDSA</c> (RFC 8037), for one issuer, once, good for a
/// minute. No other signature of that key begins as a JWT does.
/// </summary>
internal static class SessionAssertion
{
    public const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private const string Algorithm = "EdDSA";
    private const int Longest = 4 << 10;

    /// <param name="audience">The issuer.</param>
    public static string Issue(PersonKey person, string audience, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var claims = new Claims(
            person.Person, person.Person, audience, now.ToUnixTimeSeconds(), (now + Life).ToUnixTimeSeconds(), Nonce.Fresh());
        return Sign(person.Sign, claims);
    }

    internal static string Sign(Signer sign, Claims claims, string algorithm = Algorithm)
    {
        var body = $"{Encoded(new Header(algorithm))}.{Encoded(claims)}";
        return $"{body}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(body)))}";
    }

    /// <summary>The claims, where the person's enrolled key signed them for this issuer and they are good now.</summary>
    public static Claims? Verify(string text, IKeyring keyring, string audience, DateTimeOffset now, out string problem)
    {
        problem = "something that is no assertion";
        if (text.Length > Longest || text.Split('.') is not [var first, var second, var third] || Read<Header>(first) is not { Extensions: null } header
            || Read<Claims>(second) is not { } claims || Base64Text.Decode(third) is not { } signature)
        {
            return null;
        }
        var clock = now.ToUnixTimeSeconds();
        var skew = (long)MessageCheck.Skew.TotalSeconds;
        problem = claims switch
        {
            _ when header.Algorithm != Algorithm => "an assertion signed with another algorithm",
            _ when !Principal.IsPersonId(claims.Subject) || claims.Issuer != claims.Subject => "an assertion of nobody",
            _ when !keyring.VerifyPerson(claims.Subject, Encoding.ASCII.GetBytes($"{first}.{second}"), signature) =>
                $"an assertion that {claims.Subject} did not sign",
            _ when claims.Audience != audience => $"an assertion of {claims.Subject} for another issuer",
            _ when claims.ExpiresAt <= clock => $"an expired assertion of {claims.Subject}",
            _ when claims.IssuedAt > clock + skew || claims.ExpiresAt - clock > Life.TotalSeconds + skew => $"an assertion of {claims.Subject} of the future",
            _ when !Nonce.IsOne(claims.Id) => $"an assertion of {claims.Subject} without a fresh id",
            _ => "",
        };
        return problem.Length == 0 ? claims : null;
    }

    private static string Encoded<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value, StatementJson.Strict));

    private static T? Read<T>(string part) where T : class
    {
        try
        {
            return Base64Text.Decode(part) is { } json ? StatementJson.Read<T>(StatementJson.Document(json)) : null;
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    /// <param name="Id">Makes it good for one use.</param>
    internal sealed record Claims(
        [property: JsonPropertyName("iss")] string Issuer, [property: JsonPropertyName("sub")] string Subject,
        [property: JsonPropertyName("aud")] string Audience, [property: JsonPropertyName("iat")] long IssuedAt,
        [property: JsonPropertyName("exp")] long ExpiresAt, [property: JsonPropertyName("jti")] string Id);

    private sealed record Header(
        [property: JsonPropertyName("alg")] string Algorithm,
        [property: JsonPropertyName("crit"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Extensions = null);
}
