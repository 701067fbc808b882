using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Sessions;

/// <summary>The silo's own issuer, for one machine: whoever shows that they have a person's key gets a session of 15 minutes.</summary>
internal sealed class OwnIssuer : IIssuerKeys, IDisposable
{
    public const string Audience = "maestro";
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    // RFC 8176: a key in a file. It is one factor, and nothing here says otherwise.
    private static readonly string[] Methods = ["swk"];

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly ECDsa _key;
    private readonly SigningCredentials _signing;
    private readonly TimeProvider _time;

    private OwnIssuer(string name, string pem, TimeProvider time)
    {
        (Name, _time) = (name, time);
        _key = ECDsa.Create();
        _key.ImportFromPem(pem);
        var named = new ECDsaSecurityKey(_key);
        named.KeyId = Base64UrlEncoder.Encode(named.ComputeJwkThumbprint());
        _signing = new(named, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>Its address.</summary>
    public string Name { get; }

    public static string NameAt(int port) => $"http://127.0.0.1:{port}";

    /// <summary>With the key in the file, which is made where there is none.</summary>
    /// <exception cref="OutsideException">The file is readable by others, or no such key.</exception>
    public static OwnIssuer Open(string path, string name, TimeProvider time)
    {
        try
        {
            if (!File.Exists(path))
            {
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                PrivateFile.Create(path, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem()));
            }
            return PrivateFile.IsOpenToOthers(path) ? throw Problem(path, "a file that others may read") : new(name, File.ReadAllText(path), time);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            throw Problem(path, exception is ArgumentException or CryptographicException ? "something else" : exception.Message);
        }
    }

    public ValueTask<PublishedKeys?> CurrentAsync() => new(new PublishedKeys(1, [_signing.Key]));

    public ValueTask<PublishedKeys?> NewestAsync() => CurrentAsync();

    /// <summary>A session of this person, with the roles that the roster gives now.</summary>
    public string Issue(Person person)
    {
        var now = _time.GetUtcNow();
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + Life).UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = person.Id,
                [TrustedIssuer.OwnClaim] = person.Roles.Select(Principal.Name).ToArray(),
                ["amr"] = Methods,
                ["auth_time"] = now.ToUnixTimeSeconds(),
                ["jti"] = Nonce.Fresh(),
            },
            SigningCredentials = _signing,
        });
    }

    /// <summary>The public key as a set (RFC 7517).</summary>
    public object KeySet()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var (x, y) = (Base64UrlEncoder.Encode(point.X), Base64UrlEncoder.Encode(point.Y));
        return new { keys = ImmutableArray.Create(new { kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = _signing.Key.KeyId, x, y }) };
    }

    /// <summary>What it says of itself (OpenID Connect Discovery). Nobody signs in with a browser here.</summary>
    public object Configuration() => new Dictionary<string, object>
    {
        ["issuer"] = Name,
        ["jwks_uri"] = $"{Name}/jwks",
        ["token_endpoint"] = $"{Name}/token",
        ["grant_types_supported"] = new[] { SessionAssertion.GrantType },
        ["response_types_supported"] = Array.Empty<string>(),
        ["subject_types_supported"] = new[] { "public" },
        ["id_token_signing_alg_values_supported"] = new[] { "ES256" },
        ["token_endpoint_auth_methods_supported"] = new[] { "none" },
    };

    public void Dispose() => _key.Dispose();

    private static OutsideException Problem(string path, string found) => new(new Reason(
        "keys.file", $"The key that signs sessions is read from {path}.", "a P-256 key in a file that only its owner may read (chmod 600)", found,
        "Remove the file; a new key is made, and people sign in again."));
}
