using System.Net;
using System.Text.Json;
using Maestro.Connection;
using Maestro.Identity;

namespace Maestro.Sessions;

/// <summary>Signing in at an outside issuer: in the console with a code and PKCE, at the dashboard, and what the API then tells.</summary>
public sealed class OutsideSignInTests(OutsideSilo silo) : IClassFixture<OutsideSilo>, IDisposable
{
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseProxy = false, UseCookies = false };
    private readonly Dictionary<string, string> _cookies = [];

    public void Dispose() => _handler.Dispose();

    [Fact]
    public async Task The_console_needs_a_session_gets_one_with_the_browser_and_renews_it()
    {
        PersonKeys.Choose(silo.Data, "anna");
        var file = StoredSession.PathOf(PersonKeys.Folder(silo.Data), "anna");
        File.Delete(file);
        var (refused, why) = await SignedConsole.RunAsync(silo.Data, "list");
        Assert.Equal(ExitCode.Refused, refused);
        Assert.Contains("maestro login", why, StringComparison.Ordinal);

        silo.Outside.Visitor = ("anna-1", silo.Outside.TwoFactors(TimeSpan.Zero, "lookers", "operators"));
        var (code, said) = await SignedConsole.LoginAsync(silo.Data, async address =>
        {
            Assert.Contains("code_challenge_method=S256", address.Query, StringComparison.Ordinal);
            using var issued = await GetAsync(address);
            var back = issued.Headers.Location!;
            // An answer that nobody asked for, or of somebody else, does nothing.
            foreach (var attack in (string[])[
                back.Query.Replace("state=", "state=x", StringComparison.Ordinal), back.Query.Replace("iss=http", "iss=https", StringComparison.Ordinal),
                "?code=stolen"])
            {
                using var ignored = await GetAsync(new(back, $"{back.AbsolutePath}{attack}"));
                Assert.Equal(HttpStatusCode.NotFound, ignored.StatusCode);
            }
            using var taken = await GetAsync(back);
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        });
        Assert.True(code == ExitCode.Done, said);
        Assert.Equal(ExitCode.Done, (await SignedConsole.RunAsync(silo.Data, "list")).Code);

        var ended = StoredSession.Read(file)! with { Token = "a.e30.c" };
        ended.Write(file);
        Assert.Equal(ExitCode.Done, (await SignedConsole.RunAsync(silo.Data, "list")).Code);
        (ended with { Refresh = "of somebody else" }).Write(file);
        var (late, told) = await SignedConsole.RunAsync(silo.Data, "list");
        Assert.Equal(ExitCode.Refused, late);
        Assert.Contains("maestro login", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_that_the_issuer_refuses_or_mixes_up_gives_no_session()
    {
        PersonKeys.Choose(silo.Data, "bob");
        var (code, said) = await SignedConsole.LoginAsync(silo.Data, async address =>
        {
            using var denied = await GetAsync(new($"{Of(address, "redirect_uri")}?error=access_denied&state={Of(address, "state")}"));
            Assert.Equal(HttpStatusCode.OK, denied.StatusCode);
        });
        Assert.Equal(ExitCode.Refused, code);
        Assert.Contains("access_denied", said, StringComparison.Ordinal);

        // A code that was asked for elsewhere: the verifier that belongs to it is not here.
        var (mixed, _) = await SignedConsole.LoginAsync(silo.Data, async address =>
        {
            var other = new Uri(address.AbsoluteUri.Replace(Of(address, "code_challenge"), new string('A', 43), StringComparison.Ordinal));
            using var issued = await GetAsync(other);
            using var taken = await GetAsync(issued.Headers.Location!);
        });
        Assert.Equal(ExitCode.Refused, mixed);

        // A sign-in that was asked for with another nonce.
        var (replayed, _) = await SignedConsole.LoginAsync(silo.Data, async address =>
        {
            var other = new Uri(address.AbsoluteUri.Replace($"nonce={Of(address, "nonce")}", "nonce=another", StringComparison.Ordinal));
            using var issued = await GetAsync(other);
            using var taken = await GetAsync(issued.Headers.Location!);
        });
        Assert.Equal(ExitCode.Refused, replayed);
        Assert.False(File.Exists(StoredSession.PathOf(PersonKeys.Folder(silo.Data), "bob")));
    }

    [Fact]
    public async Task The_API_tells_whoever_the_roster_knows_under_the_account()
    {
        var (status, me) = await silo.AskAsync("/api/v1/me", silo.Outside.Token("anna-1", silo.Outside.TwoFactors(TimeSpan.Zero, "lookers", "administrators")));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("viewer", Assert.Single(me.GetProperty("roles").EnumerateArray()).GetString());
        foreach (var (token, refused) in new (string, HttpStatusCode)[]
        {
            (silo.Outside.Token("stranger", new() { ["groups"] = "lookers" }), HttpStatusCode.Unauthorized),
            (silo.Outside.Token("anna", new() { ["groups"] = "lookers", ["email"] = "anna@maestro.example" }), HttpStatusCode.Unauthorized),
            (silo.Outside.Token("anna-1", new() { ["groups"] = "operators" }), HttpStatusCode.Forbidden),
            (silo.Outside.Token("eve-1", new() { ["groups"] = "lookers" }), HttpStatusCode.Forbidden),
        })
        {
            Assert.Equal(refused, (await silo.AskAsync("/api/v1/me", token)).Status);
        }
    }

    [Fact]
    public async Task The_dashboard_takes_in_operators_who_sign_in_at_the_issuer()
    {
        silo.Outside.Visitor = ("bob-1", silo.Outside.TwoFactors(TimeSpan.Zero, "lookers", "operators"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync());
        silo.Outside.Visitor = ("anna-1", silo.Outside.TwoFactors(TimeSpan.Zero, "lookers"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync());
        // A token under the key alone is not enough here.
        using var key = silo.KeyOf("anna");
        var cluster = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(silo.Data, "silo.json"), TestContext.Current.CancellationToken))
            .RootElement.GetProperty("clusterId").GetString()!;
        using var entered = await GetAsync(Page($"/enter?token={Dashboard.DashboardTokens.Issue(key, cluster, TimeProvider.System)}"));
        Assert.Equal(HttpStatusCode.Unauthorized, entered.StatusCode);

        await silo.EnrolAsync("carol", Role.Viewer, Role.Sre);
        await silo.LinkAsync("carol", $"oidc:{silo.Outside.Address}#carol-1");
        silo.Outside.Visitor = ("carol-1", silo.Outside.TwoFactors(TimeSpan.Zero, "operators"));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync());
        using var counters = await GetAsync(Page("/DashboardCounters"));
        Assert.Equal(HttpStatusCode.OK, counters.StatusCode);
        var kept = _cookies["maestro-dashboard-session"];
        _cookies["maestro-dashboard-session"] = $"{kept[..^8]}AAAAAAAA";
        using var forged = await GetAsync(Page("/DashboardCounters"));
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        _cookies["maestro-dashboard-session"] = kept;
        await silo.EnrolAsync("carol", Role.Viewer);
        using var taken = await GetAsync(Page("/DashboardCounters"));
        Assert.Equal(HttpStatusCode.Unauthorized, taken.StatusCode);
    }

    // What a browser does: to the first page, to the issuer, back, and to the page again.
    private async Task<HttpStatusCode> SignInAsync()
    {
        _cookies.Clear();
        using var challenged = await GetAsync(Page("/"));
        Assert.Equal(HttpStatusCode.Redirect, challenged.StatusCode);
        Assert.Contains("code_challenge=", challenged.Headers.Location!.Query, StringComparison.Ordinal);
        using var issued = await GetAsync(challenged.Headers.Location);
        using var back = await GetAsync(issued.Headers.Location!);
        Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
        var set = back.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("maestro-dashboard-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", set, StringComparison.OrdinalIgnoreCase);
        using var page = await GetAsync(Page("/"));
        return page.StatusCode;
    }

    private Uri Page(string path) => new($"http://127.0.0.1:{silo.DashboardPort}{path}");

    private async Task<HttpResponseMessage> GetAsync(Uri address)
    {
        using var browser = new HttpMessageInvoker(_handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (_cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }
        var answer = await browser.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
        {
            var pair = set.Split(';')[0].Split('=', 2);
            _cookies[pair[0]] = pair[1];
        }
        return answer;
    }

    private static string Of(Uri address, string name) => Uri.UnescapeDataString(
        address.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=', 2)).Single(pair => pair[0] == name)[1]);
}
