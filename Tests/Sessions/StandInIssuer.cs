#pragma warning disable CA2000 // The key is the issuer's until the next one or the end.
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Maestro.Edge;
using Maestro.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Sessions;

/// <summary>An issuer that speaks OpenID Connect: discovery, keys that it replaces, authorization codes with PKCE, and tokens.</summary>
internal sealed class StandInIssuer : IAsyncDisposable
{
    public const string Audience = "maestro-test";
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    private readonly WebApplication _server;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (string Redirect, string Challenge, string? Nonce)> _codes = new();
    private int _keysRead;
    private RSA _key = RSA.Create(2048);
    private int _generation = 1;

    private StandInIssuer(TimeProvider time)
    {
        _time = time;
        var port = Ports.Free();
        Address = $"http://127.0.0.1:{port}";
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public string Address { get; }

    /// <summary>How often its keys were read.</summary>
    public int KeysRead => _keysRead;

    /// <summary>Whether it answers nothing but errors.</summary>
    public bool IsDown { get; set; }

    /// <summary>Who signs in at its page, and what its tokens say besides.</summary>
    public (string Subject, Dictionary<string, object> Claims) Visitor { get; set; } = ("subject-anna", []);

    public string KeyId => $"key-{_generation}";

    public SigningCredentials Credentials => new(new RsaSecurityKey(_key) { KeyId = KeyId }, SecurityAlgorithms.RsaSha256);

    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    public static async Task<StandInIssuer> StartAsync(TimeProvider? time = null)
    {
        var issuer = new StandInIssuer(time ?? TimeProvider.System);
        await issuer._server.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    /// <summary>It signs with another key from now on, and publishes that one only.</summary>
    public void Rotate() => (_key, _generation) = (RSA.Create(2048), _generation + 1);

    /// <summary>A token of this issuer, unless something of it is changed.</summary>
    public string Token(string subject, Dictionary<string, object>? claims = null, Action<SecurityTokenDescriptor>? change = null)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Address,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(10),
            Claims = new Dictionary<string, object>(claims ?? []) { ["sub"] = subject },
            SigningCredentials = Credentials,
        };
        change?.Invoke(descriptor);
        return Handler.CreateToken(descriptor);
    }

    /// <summary>What a token says whose owner signed in with two factors, this long ago.</summary>
    public Dictionary<string, object> TwoFactors(TimeSpan ago, params string[] groups) => new()
    {
        ["groups"] = groups,
        ["amr"] = new[] { "pwd", "mfa" },
        ["auth_time"] = (_time.GetUtcNow() - ago).ToUnixTimeSeconds(),
    };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (IsDown)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }
        return context.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => context.Response.WriteAsJsonAsync(new
            {
                issuer = Address,
                jwks_uri = $"{Address}/jwks",
                authorization_endpoint = $"{Address}/authorize",
                token_endpoint = $"{Address}/token",
                response_types_supported = new[] { "code" },
                scopes_supported = new[] { "openid", "offline_access" },
            }),
            "/jwks" => KeysAsync(context),
            "/authorize" => Authorize(context),
            "/token" => ExchangeAsync(context),
            _ => Refuse(context, "unknown"),
        };
    }

    private Task KeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref _keysRead);
        var key = _key.ExportParameters(false);
        return context.Response.WriteAsJsonAsync(new
        {
            keys = new object[]
            {
                new { kty = "RSA", use = "sig", kid = KeyId, n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) },
                new { kty = "oct", use = "sig", kid = "shared", k = Base64Url.EncodeToString(new byte[32]) },
            },
        });
    }

    private Task Authorize(HttpContext context)
    {
        var asked = context.Request.Query;
        if (asked["response_type"] != "code" || asked["client_id"] != Audience || asked["code_challenge_method"] != "S256"
            || asked["redirect_uri"] is not [{ } redirect] || asked["code_challenge"] is not [{ Length: 43 } challenge] || asked["state"] is not [{ } state])
        {
            return Refuse(context, "invalid_request");
        }
        var code = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _codes[code] = (redirect, challenge, asked["nonce"]);
        context.Response.Redirect($"{redirect}?code={code}&state={Uri.EscapeDataString(state)}&iss={Uri.EscapeDataString(Address)}");
        return Task.CompletedTask;
    }

    private async Task ExchangeAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        string? nonce = null;
        if (form["grant_type"] == "refresh_token")
        {
            if (form["refresh_token"] != "refresh-1")
            {
                await Refuse(context, "invalid_grant");
                return;
            }
        }
        else if (!_codes.TryRemove(form["code"].ToString(), out var known) || form["redirect_uri"] != known.Redirect || form["client_id"] != Audience
            || Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != known.Challenge)
        {
            await Refuse(context, "invalid_grant");
            return;
        }
        else
        {
            nonce = known.Nonce;
        }
        var claims = new Dictionary<string, object>(Visitor.Claims);
        if (nonce is not null)
        {
            claims["nonce"] = nonce;
        }
        await context.Response.WriteAsJsonAsync(new
        {
            access_token = "opaque",
            token_type = "Bearer",
            expires_in = 600,
            id_token = Token(Visitor.Subject, claims),
            refresh_token = "refresh-1",
        });
    }

    private static Task Refuse(HttpContext context, string error)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new { error });
    }
}
