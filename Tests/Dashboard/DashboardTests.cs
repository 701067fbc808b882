using System.Net;
using System.Text.Json;
using Maestro.Identity;
using Maestro.Messages;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Dashboard;

/// <summary>Orleans' dashboard shows itself to operators only.</summary>
public sealed class DashboardTests
{
    private static readonly string[] Pages = ["/", "/index.min.js", "/DashboardCounters", "/GrainTypes", "/Reminders", "/TopGrainMethods"];

    [Fact]
    public async Task Only_an_operator_sees_it()
    {
        await using var silo = await DashboardSilo.StartAsync();
        foreach (var page in Pages)
        {
            Assert.Equal(HttpStatusCode.OK, await silo.CodeAsync(page, silo.TokenOf("anna")));
            foreach (var (bearer, why) in Attacks(silo))
            {
                Assert.True(await silo.CodeAsync(page, bearer) == HttpStatusCode.Unauthorized, $"{page} {why}");
            }
            Assert.Equal(HttpStatusCode.Unauthorized, await silo.CodeAsync(page, silo.TokenOf("anna"), host: "evil.example"));
        }
        // It counts at a pace of its own, so a silo that has just started is not in it at once.
        await Eventually.IsTrueAsync(async () => await HostsAsync(silo) == 1);
        // What grains have stored and the log stay hidden from operators too.
        Assert.Equal(HttpStatusCode.NotFound, await silo.CodeAsync("/GrainState?grainId=x&grainType=y", silo.TokenOf("anna")));
        Assert.Equal(HttpStatusCode.Forbidden, await silo.CodeAsync("/Trace", silo.TokenOf("anna")));
    }

    private static async Task<int> HostsAsync(DashboardSilo silo)
    {
        using var counters = await silo.AskAsync("/DashboardCounters", silo.TokenOf("anna"));
        using var json = JsonDocument.Parse(await counters.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.GetProperty("totalActiveHostCount").GetInt32();
    }

    [Fact]
    public async Task Without_the_gate_everybody_would_see_it()
    {
        await using var silo = await DashboardSilo.StartAsync(services => services.AddSingleton<IDashboardGate, OpenGate>());
        foreach (var (bearer, _) in Attacks(silo))
        {
            Assert.Equal(HttpStatusCode.OK, await silo.CodeAsync("/DashboardCounters", bearer));
        }
    }

    [Fact]
    public async Task A_browser_comes_in_once_with_a_token_and_stays_as_long_as_it_is_an_operators()
    {
        await using var silo = await DashboardSilo.StartAsync();
        var token = silo.TokenOf("anna");
        using var entered = await silo.AskAsync($"/enter?token={token}");
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        var set = Assert.Single(entered.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(token, set, StringComparison.Ordinal);
        var cookie = set.Split(';')[0];
        Assert.Equal(HttpStatusCode.OK, await silo.CodeAsync("/DashboardCounters", cookie: cookie));

        Assert.Equal(HttpStatusCode.Unauthorized, await silo.CodeAsync($"/enter?token={token}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await silo.CodeAsync($"/enter?token={silo.TokenOf("bob")}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await silo.CodeAsync("/DashboardCounters", cookie: cookie + "0"));
        await silo.EnrolAsync("anna", Role.Viewer);
        Assert.Equal(HttpStatusCode.Unauthorized, await silo.CodeAsync("/DashboardCounters", cookie: cookie));
    }

    // What somebody may try who is no operator, or has an operator's token that is no longer good, or is not for this.
    private static (string? Bearer, string Why)[] Attacks(DashboardSilo silo)
    {
        using var anna = silo.KeyOf("anna");
        var now = TimeProvider.System.GetUtcNow();
        CallToken Claim(string subject, string audience, DateTimeOffset from, TimeSpan life) => new(
            subject, audience, silo.Cluster, from.ToUnixTimeMilliseconds(), (from + life).ToUnixTimeMilliseconds(), Nonce.Fresh(), []);
        string Sign(CallToken claim) => CallTokens.Sign(anna.Sign, claim);
        return
        [
            (null, "without a token"),
            ("nonsense", "with nonsense"),
            (silo.TokenOf("bob"), "as somebody without the role sre"),
            (silo.TokenOf("anna", "another-cluster"), "with a token for another cluster"),
            (Sign(Claim("anna", DashboardTokens.Audience, now - TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1))), "with an expired token"),
            (Sign(Claim("anna", DashboardTokens.Audience, now, TimeSpan.FromDays(1))), "with a token that lives for long"),
            (Sign(Claim("anna", "maestro.IDeploymentGrain/GetAsync", now, TimeSpan.FromMinutes(1))), "with a token for a call"),
            (Sign(Claim("bob", DashboardTokens.Audience, now, TimeSpan.FromMinutes(1))), "with a token that somebody else signed"),
            (Sign(Claim("role:control", DashboardTokens.Audience, now, TimeSpan.FromMinutes(1))), "in a silo's name"),
        ];
    }

    private sealed class OpenGate : IDashboardGate
    {
        public Task<bool> AdmitAsync(HttpContext context) => Task.FromResult(true);
    }
}
