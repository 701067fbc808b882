#pragma warning disable CA2000 // The documents live as long as the sessions that are read with them.
using System.Text;
using System.Text.Json;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Sessions;

/// <summary>Which tokens are sessions, shown against an issuer that speaks the real protocol.</summary>
public sealed class SessionTokenTests : IAsyncLifetime
{
    private StandInIssuer _issuer = null!;

    public async ValueTask InitializeAsync() => _issuer = await StandInIssuer.StartAsync();

    public async ValueTask DisposeAsync() => await _issuer.DisposeAsync();

    [Fact]
    public async Task A_session_says_who_signed_in_how_and_what_its_claims_give()
    {
        var token = _issuer.Token("anna-1", _issuer.TwoFactors(TimeSpan.Zero, "lookers", "operators", "unknown", "roles"));
        var session = (await Sessions().ReadAsync(token)).Session!;
        Assert.Equal($"oidc:{_issuer.Address}#anna-1", session.Account);
        Assert.Equal([Role.Viewer, Role.Sre], session.Roles.AsEnumerable());
        Assert.Equal(["pwd", "mfa"], session.Methods.AsEnumerable());
        Assert.Null(new StepUp(TimeSpan.FromMinutes(1), []).ProblemOf(session, TimeProvider.System.GetUtcNow()));
        var nested = _issuer.Token("anna-1", new() { ["realm"] = new Dictionary<string, object> { ["roles"] = new[] { "operators" } } });
        Assert.Equal([Role.Sre], (await Sessions(claim: "realm.roles").ReadAsync(nested)).Session!.Roles.AsEnumerable());
        Assert.Empty((await Sessions().ReadAsync(_issuer.Token("anna-1", new() { ["groups"] = 7 }))).Session!.Roles);
    }

    [Fact]
    public async Task What_the_issuer_did_not_sign_for_this_installation_is_no_session()
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        using var mallory = System.Security.Cryptography.RSA.Create(2048);
        var hers = new SigningCredentials(new RsaSecurityKey(mallory) { KeyId = _issuer.KeyId }, SecurityAlgorithms.RsaSha256);
        var published = new SigningCredentials(
            new SymmetricSecurityKey(Encoding.ASCII.GetBytes(_issuer.PublicKeyPem)) { KeyId = _issuer.KeyId }, SecurityAlgorithms.HmacSha256);
        var shared = new SigningCredentials(new SymmetricSecurityKey(new byte[32]) { KeyId = "shared" }, SecurityAlgorithms.HmacSha256);
        string Made(Action<SecurityTokenDescriptor> change) => _issuer.Token("anna-1", null, change);
        var good = Made(_ => { });
        var parts = good.Split('.');
        Dictionary<string, (string Token, string Problem)> forgeries = new()
        {
            ["nothing"] = ("", "something that is no session"),
            ["five parts"] = ($"{good}.a.b", "something that is no session"),
            ["no algorithm"] = ($"{Part("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.", "a session signed with none"),
            ["the public key as a shared one"] = (Made(token => token.SigningCredentials = published), "a session signed with HS256"),
            ["a shared key that is published"] = (Made(token => token.SigningCredentials = shared), "a session signed with HS256"),
            ["another's key under that name"] = (Made(token => token.SigningCredentials = hers), "a session that the issuer did not sign"),
            ["changed"] = ($"{parts[0]}.{Part(PayloadOf(good).Replace("anna-1", "bob-1", StringComparison.Ordinal))}.{parts[2]}",
                "a session that the issuer did not sign"),
            ["another issuer"] = (Made(token => token.Issuer = "https://issuer.example"), "a session of another issuer"),
            ["another audience"] = (Made(token => token.Audience = "shop"), "a session for somebody else"),
            ["no audience"] = (Made(token => token.Audience = null), "a session for somebody else"),
            ["expired"] = (Made(token => (token.IssuedAt, token.NotBefore, token.Expires) = (null, null, now.AddMinutes(-1))), "a session that has expired"),
            ["no end"] = (Made(token => token.Expires = null), "a session without an end"),
            ["too long"] = (Made(token => token.Expires = now.AddDays(2)), "a session that lives too long"),
            ["not yet"] = (Made(token => token.NotBefore = now.AddMinutes(2)), "a session that is not good yet"),
            ["of the future"] = (Made(token => (token.NotBefore, token.IssuedAt) = (null, now.AddMinutes(2))), "a session from the future"),
            ["huge"] = (_issuer.Token("anna-1", new() { ["x"] = new string('x', 20_000) }), "a session that is too long"),
            ["nobody"] = (_issuer.Token(""), "a session of nobody"),
            ["an unknown extension"] = (Made(token => token.AdditionalHeaderClaims = new Dictionary<string, object> { ["crit"] = new[] { "x" } }),
                "a session with an extension that is not known"),
        };
        var sessions = Sessions();
        foreach (var (name, (token, problem)) in forgeries)
        {
            var reading = await sessions.ReadAsync(token);
            Assert.True(reading.Session is null && reading.Problem == problem, $"{name}: {reading.Problem}");
        }
        Assert.NotNull((await sessions.ReadAsync(good)).Session);
        // Whoever only reads what a token says believes the forgeries.
        Assert.Equal("bob-1", JsonDocument.Parse(PayloadOf(forgeries["changed"].Token)).RootElement.GetProperty("sub").GetString());
    }

    [Fact]
    public async Task A_key_that_the_issuer_replaced_counts_no_more_and_the_new_one_at_once()
    {
        var clock = new Clock();
        await using var issuer = await StandInIssuer.StartAsync(clock);
        var sessions = Sessions(issuer, clock);
        var before = issuer.Token("anna-1");
        Assert.NotNull((await sessions.ReadAsync(before)).Session);
        issuer.Rotate();
        Assert.NotNull((await sessions.ReadAsync(before)).Session);
        clock.Advance(FetchedKeys.Pause);
        Assert.NotNull((await sessions.ReadAsync(issuer.Token("anna-1"))).Session);
        Assert.Equal("a session under a key that the issuer does not publish", (await sessions.ReadAsync(before)).Problem);
    }

    [Fact]
    public async Task Unknown_keys_do_not_lead_to_the_issuer_more_than_once()
    {
        var sessions = Sessions();
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var tokens = Enumerable.Range(0, 200).Select(number => _issuer.Token("anna-1", null, token =>
            token.SigningCredentials = new(new RsaSecurityKey(rsa) { KeyId = $"made-up-{number}" }, SecurityAlgorithms.RsaSha256))).ToArray();
        var readings = await Task.WhenAll(tokens.Select(async token => await sessions.ReadAsync(token)));
        Assert.All(readings, reading => Assert.Null(reading.Session));
        Assert.Equal(1, _issuer.KeysRead);
        Assert.NotNull((await sessions.ReadAsync(_issuer.Token("anna-1"))).Session);
    }

    [Fact]
    public async Task Without_the_issuers_keys_nobody_is_believed()
    {
        var clock = new Clock();
        await using var issuer = await StandInIssuer.StartAsync(clock);
        issuer.IsDown = true;
        var sessions = Sessions(issuer, clock);
        const string problem = "a session that cannot be verified now, because the issuer's keys are not to be had";
        Assert.Equal(problem, (await sessions.ReadAsync(issuer.Token("anna-1"))).Problem);
        issuer.IsDown = false;
        clock.Advance(FetchedKeys.Pause);
        var lasting = issuer.Token("anna-1", null, token => token.Expires = clock.GetUtcNow().AddHours(3).UtcDateTime);
        Assert.NotNull((await sessions.ReadAsync(lasting)).Session);
        issuer.IsDown = true;
        clock.Advance(FetchedKeys.Life - TimeSpan.FromMinutes(1));
        Assert.NotNull((await sessions.ReadAsync(lasting)).Session);
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(problem, (await sessions.ReadAsync(lasting)).Problem);
    }

    [Fact]
    public async Task An_issuer_that_is_somebody_else_or_without_TLS_has_no_keys()
    {
        var other = TrustedIssuer.Of(Settings(_issuer.Address + "/"));
        var (session, _) = await Sessions(other, _issuer.Address + "/", TimeProvider.System).ReadAsync(
            _issuer.Token("anna-1", null, token => token.Issuer = _issuer.Address + "/"));
        Assert.Null(session);
        Assert.Equal("oidc.options", Refused.By(() => Settings("http://issuer.example")));
        Assert.Equal("oidc.options", Refused.By(() => Settings("https://somebody@issuer.example")));
        Assert.Equal("oidc.options", Refused.By(() => OutsideIssuer.Of("https://issuer.example", "us", null, ["operators=root"])));
        Assert.Equal("oidc.options", Refused.By(() => OutsideIssuer.Of("https://issuer.example", "us", null, [])));
        Assert.Equal("oidc.options", Refused.By(() => OutsideIssuer.Of("https://issuer.example", null, null, ["operators=sre"])));
        Assert.Equal("oidc.options", Refused.By(() => OutsideIssuer.Of(null, "us", null, [])));
        Assert.Null(OutsideIssuer.Of(null, null, null, []));
        Assert.Equal([Role.Sre], OutsideIssuer.Of("https://issuer.example", "us", null, ["cn=ops,dc=x=sre"])!.Map["cn=ops,dc=x"].AsEnumerable());
    }

    internal static OutsideIssuer Settings(string address) => OutsideIssuer.Of(
        address, StandInIssuer.Audience, null,
        ["lookers=viewer", "operators=sre", "reviewers=reviewer", "administrators=admin", "guards=security"])!;

    internal static ISessions Sessions(TrustedIssuer trusted, string address, TimeProvider time) => new VerifiedSessions(
        trusted, new FetchedKeys(address, new BoundedDocuments(TimeProvider.System), time, NullLogger<FetchedKeys>.Instance), time, demanded: true);

    private ISessions Sessions(StandInIssuer? issuer = null, TimeProvider? time = null, string claim = "groups")
    {
        var address = (issuer ?? _issuer).Address;
        return Sessions(TrustedIssuer.Of(Settings(address) with { Claim = claim }), address, time ?? TimeProvider.System);
    }

    private static string Part(string json) => Base64UrlEncoder.Encode(json);

    private static string PayloadOf(string token) => Base64UrlEncoder.Decode(token.Split('.')[1]);
}
