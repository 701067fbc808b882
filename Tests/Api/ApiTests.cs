using System.Net;
using System.Text;
using System.Text.Json;
using Maestro.Applications;
using Maestro.Audit;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Api;

/// <summary>The API tells those who signed in and may look, and changes nothing; the silo's own issuer signs in whoever has a person's key.</summary>
public sealed class ApiTests(ApiSilo silo) : IClassFixture<ApiSilo>
{
    [Fact]
    public async Task Whoever_has_a_session_sees_who_they_are_and_how_deployments_stand()
    {
        var session = await silo.SessionOfAsync("anna");
        var (status, me) = await silo.AskAsync("/api/v1/me", session);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("anna", me.GetProperty("person").GetString());
        Assert.Equal(["viewer", "sre"], me.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal("swk", Assert.Single(me.GetProperty("session").GetProperty("methods").EnumerateArray()).GetString());

        var (listed, list) = await silo.AskAsync("/api/v1/deployments?limit=5", session);
        Assert.Equal(HttpStatusCode.OK, listed);
        Assert.Empty(list.GetProperty("deployments").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, list.GetProperty("next").ValueKind);
    }

    [Theory]
    [InlineData("/api/v1/deployments/pr/local/acme/shop/7", 404, "api.unknown")]
    [InlineData("/api/v1/deployments/..%2f..%2fme", 404, "api.unknown")]
    [InlineData("/api/v1/everything", 404, "api.unknown")]
    [InlineData("/api/v1/deployments?limit=1000", 400, "api.page")]
    [InlineData("/api/v1/deployments?after=pr/local/acme/shop/7", 400, "api.page")]
    public async Task What_is_not_there_is_said_with_its_way_out(string path, int status, string code)
    {
        var (answered, problem) = await silo.AskAsync(path, await silo.SessionOfAsync("bob"));
        Assert.Equal((HttpStatusCode)status, answered);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.All((string[])["rule", "expected", "found", "wayOut", "title", "detail"], part => Assert.NotEmpty(problem.GetProperty(part).GetString()!));
    }

    [Fact]
    public async Task Nobody_reads_without_a_session_of_a_viewer_and_nobody_changes_anything()
    {
        var anna = await silo.SessionOfAsync("anna");
        string[] parts = anna.Split('.');
        (string? Session, HttpStatusCode Status, string Code)[] attacks =
        [
            (null, HttpStatusCode.Unauthorized, "api.session"),
            ("nonsense", HttpStatusCode.Unauthorized, "api.session"),
            ($"{Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{parts[1]}.", HttpStatusCode.Unauthorized, "api.session"),
            ($"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("\"anna\"", "\"bob\"", StringComparison.Ordinal))}.{parts[2]}",
                HttpStatusCode.Unauthorized, "api.session"),
            (new string('a', 20_000), HttpStatusCode.Unauthorized, "api.session"),
            (await silo.SessionOfAsync("eve"), HttpStatusCode.Forbidden, "api.role"),
        ];
        foreach (var path in (string[])["/api/v1/me", "/api/v1/deployments", "/api/v1/deployments/pr/local/acme/shop/7"])
        {
            foreach (var (session, status, code) in attacks)
            {
                var (answered, problem) = await silo.AskAsync(path, session);
                Assert.True(answered == status && problem.GetProperty("code").GetString() == code, $"{path} {session}: {answered}");
            }
            var (elsewhere, _) = await silo.AskAsync(path, anna, host: "evil.example");
            Assert.Equal(HttpStatusCode.BadRequest, elsewhere);
            foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch])
            {
                Assert.Equal(HttpStatusCode.MethodNotAllowed, (await silo.AskAsync(path, anna, method)).Status);
            }
        }
        // Each kind of refusal is in the ledger, with its code.
        using var scope = CallerScope.As(Role.Gateway);
        var ledger = silo.Grains.GetGrain<ILedgerGrain>(LedgerKey);
        await Eventually.IsTrueAsync(async () => (await ledger.TailAsync(200)).Select(entry => JsonSerializer.Serialize(entry))
            .Aggregate(new StringBuilder(), (all, entry) => all.Append(entry)).ToString() is var told
            && told.Contains("api.session", StringComparison.Ordinal) && told.Contains("api.role", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_role_that_the_roster_takes_away_is_gone_at_once()
    {
        await silo.EnrolAsync("carol", Role.Viewer, Role.Sre);
        var session = await silo.SessionOfAsync("carol");
        await silo.EnrolAsync("carol", Role.Viewer, Role.Admin);
        var (_, me) = await silo.AskAsync("/api/v1/me", session);
        // What the roster gave since is not in the session, and what it took away does not come back with it.
        Assert.Equal("viewer", Assert.Single(me.GetProperty("roles").EnumerateArray()).GetString());
        await silo.EnrolAsync("carol", Role.Sre);
        Assert.Equal(HttpStatusCode.Forbidden, (await silo.AskAsync("/api/v1/me", session)).Status);
    }

    [Fact]
    public async Task A_stolen_session_reads_and_does_nothing_else()
    {
        var stolen = await silo.SessionOfAsync("anna");
        Assert.Equal(HttpStatusCode.OK, (await silo.AskAsync("/api/v1/deployments", stolen)).Status);

        // The thief sends it with calls: alone, as if it were a call's token, and beside a key of their own.
        var token = "";
        using var alone = await silo.ConnectAsync(client => client.AddOutgoingGrainCallFilter(async call =>
        {
            RequestContext.Set(SessionCheck.ContextKey, stolen);
            RequestContext.Set(CallToken.ContextKey, token);
            await call.Invoke();
        }));
        using var key = silo.KeyOf("bob");
        using var beside = await silo.ConnectAsync(client => client.AddIdentity(key, new Stolen(stolen)));
        foreach (var (thief, code) in ((IServiceProvider, string)[])[(alone.Services, "call.refused"), (beside.Services, "call.session")])
        {
            var grains = thief.GetRequiredService<IGrainFactory>();
            foreach (var carried in (string[])["", stolen])
            {
                token = carried;
                Assert.Equal(code, (await Refused.ByAsync(() => Lift(grains)))?.Reason.Code);
                Assert.Equal(code, (await Refused.ByAsync(() => grains.GetGrain<IApplicationsGrain>("applications/all").ListAsync()))?.Reason.Code);
                Assert.Equal(code, (await Refused.ByAsync(() => grains.GetGrain<Approvals.IApprovalDeskGrain>("desk/main").ListAsync()))?.Reason.Code);
            }
            await IsToldAsync("maestro.IEnvironmentGrain/ReleaseHoldAsync", code);
        }
        // With the key it works, session or not.
        using var hers = silo.KeyOf("anna");
        using var anna = await silo.ConnectAsync(client => client.AddIdentity(hers, new Stolen(stolen)));
        Assert.Equal("environment.not-held", (await Refused.ByAsync(() => Lift(anna.Services.GetRequiredService<IGrainFactory>())))?.Reason.Code);
    }

    [Fact]
    public async Task An_assertion_is_good_for_its_signer_here_once()
    {
        using var anna = silo.KeyOf("anna");
        using var bob = silo.KeyOf("bob");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        SessionAssertion.Claims Claims() => new("anna", "anna", silo.Issuer, now, now + 60, Nonce.Fresh());
        string[] attacks =
        [
            "", "a.b.c", new string('a', 10_000),
            SessionAssertion.Sign(bob.Sign, Claims()),
            SessionAssertion.Sign(_ => [], Claims()),
            SessionAssertion.Sign(anna.Sign, Claims(), "none"),
            SessionAssertion.Sign(anna.Sign, Claims(), "HS256"),
            SessionAssertion.Sign(anna.Sign, Claims() with { Issuer = "bob" }),
            SessionAssertion.Sign(anna.Sign, Claims() with { Subject = "root", Issuer = "root" }),
            SessionAssertion.Sign(anna.Sign, Claims() with { Subject = "role:control", Issuer = "role:control" }),
            SessionAssertion.Sign(anna.Sign, Claims() with { Audience = "https://issuer.example" }),
            SessionAssertion.Sign(anna.Sign, Claims() with { ExpiresAt = now }),
            SessionAssertion.Sign(anna.Sign, Claims() with { ExpiresAt = now + 3600 }),
            SessionAssertion.Sign(anna.Sign, Claims() with { IssuedAt = now + 600 }),
            SessionAssertion.Sign(anna.Sign, Claims() with { Id = "1" }),
        ];
        foreach (var attack in attacks)
        {
            var (status, answer) = await silo.ExchangeAsync(attack);
            Assert.True(status == HttpStatusCode.BadRequest, attack);
            Assert.Equal("invalid_grant", answer.GetProperty("error").GetString());
        }
        var good = SessionAssertion.Sign(anna.Sign, Claims());
        Assert.Equal(HttpStatusCode.OK, (await silo.ExchangeAsync(good)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await silo.ExchangeAsync(good)).Status);
        // Where signatures of everybody are believed, bob signs in as anna.
        Assert.NotNull(SessionAssertion.Verify(attacks[3], new BelievingKeyring(), silo.Issuer, TimeProvider.System.GetUtcNow(), out _));
    }

    [Fact]
    public async Task The_silos_issuer_says_of_itself_what_others_need_to_verify_its_sessions()
    {
        var (_, configuration) = await silo.AskAsync("/.well-known/openid-configuration");
        Assert.Equal(silo.Issuer, configuration.GetProperty("issuer").GetString());
        var (_, keys) = await silo.AskAsync("/jwks");
        var published = Sessions.PublishedKeys.Usable(new JsonWebKeySet(keys.GetRawText()));
        var reading = await new Sessions.SessionTokens(
            Sessions.TrustedIssuer.Own(silo.Issuer, "maestro"), new Known(new(1, published)), TimeProvider.System).ReadAsync(await silo.SessionOfAsync("bob"));
        Assert.Equal("bob", reading.Session?.Person);
        var file = Path.Combine(silo.Data, "sessions", "issuer.pem");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private const string LedgerKey = "ledger/main";

    private async Task IsToldAsync(string subject, string code)
    {
        using var scope = CallerScope.As(Role.Gateway);
        await Eventually.IsTrueAsync(async () => (await silo.Grains.GetGrain<ILedgerGrain>(LedgerKey).TailAsync(200)).Any(entry =>
            entry.Fact is { Kind: "call.refused" } told && told.Subject == subject && told.Body.Contains($"\"{code}\"", StringComparison.Ordinal)));
    }

    private static Task Lift(IGrainFactory grains) => grains.GetGrain<IEnvironmentGrain>("env/shop/production").ReleaseHoldAsync("looked at it");

    private sealed class Known(Sessions.PublishedKeys keys) : Sessions.IIssuerKeys
    {
        public ValueTask<Sessions.PublishedKeys?> CurrentAsync() => new(keys);

        public ValueTask<Sessions.PublishedKeys?> NewestAsync() => new(keys);
    }

    private sealed class Stolen(string session) : ISessionSource
    {
        public ValueTask<string?> CurrentAsync() => new(session);
    }
}
