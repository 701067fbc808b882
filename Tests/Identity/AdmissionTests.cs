using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;

namespace Maestro.Identity;

/// <summary>Who gets through to a grain, shown on a real silo with real clients.</summary>
public sealed class AdmissionTests
{
    private const string Target = "probe/1";

    [Fact]
    public async Task A_person_with_the_role_is_admitted_and_known_to_the_grain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var probe = (await cluster.ConnectAsync("anna")).GetGrain<IProbeGrain>(Target);
        Assert.Equal("anna", await probe.LookAsync());
        Assert.Equal("anna", await probe.ActAsync());
        Assert.Equal("anna", await probe.InheritedAsync());
        Assert.Empty(cluster.Denials.All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Those_who_are_not_named_are_refused(bool admission)
    {
        await using var cluster = await TestCluster.StartAsync(admission);
        var bob = await cluster.ConnectAsync("bob");
        var nobody = await cluster.ConnectAsync((string?)null);
        var refusal = await Refused.WhereAsync(admission, bob.GetGrain<IProbeGrain>(Target).ActAsync);
        Assert.True(!admission || refusal!.Reason is { Code: "call.refused", Found: "bob with Viewer", Expected: "one of Sre" });
        refusal = await Refused.WhereAsync(admission, nobody.GetGrain<IProbeGrain>(Target).LookAsync);
        Assert.True(!admission || refusal!.Reason is { Code: "call.refused", Found: "no token" });
        await Refused.WhereAsync(admission, bob.GetGrain<IProbeGrain>(Target).UnnamedAsync);
        await Refused.WhereAsync(admission, bob.GetGrain<IInnerGrain>("inner/1").WhoAsync);
        await Refused.WhereAsync(admission, () => bob.GetGrain<IManagementGrain>(0).GetHosts(true, TestContext.Current.CancellationToken));
        var extension = bob.GetGrain<IProbeGrain>(Target).Cast<IGrainManagementExtension>();
        await Refused.WhereAsync(admission, async () => await extension.DeactivateOnIdle());
        await Refused.WhereAsync(admission, async () =>
        {
            await foreach (var _ in bob.GetGrain<IProbeGrain>(Target).CountAsync().WithCancellation(TestContext.Current.CancellationToken))
            {
            }
        });
        var denied = cluster.Denials.All.Where(denial => !denial.Method.EndsWith("/DisposeAsync", StringComparison.Ordinal));
        Assert.Equal(admission ? 7 : 0, denied.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_counts_only_for_what_its_signer_signed(bool admission)
    {
        await using var cluster = await TestCluster.StartAsync(admission);
        var now = TimeProvider.System.GetUtcNow();
        using var bob = cluster.Folder.KeyOf("bob");
        var good = new CallToken(
            "bob", "maestro.tests.IProbeGrain/LookAsync", "probe/probe/1",
            now.ToUnixTimeMilliseconds(), now.AddSeconds(50).ToUnixTimeMilliseconds(), "n", []);
        Dictionary<string, Func<CallToken, string>> forgeries = new()
        {
            ["made up"] = _ => "anna",
            ["unsigned"] = token => CallTokens.Sign(_ => [], token),
            ["another person's name"] = token => CallTokens.Sign(bob.Sign, token with { Subject = "anna" }),
            ["a silo's name"] = token => CallTokens.Sign(bob.Sign, token with { Subject = "role:control" }),
            ["nobody's name"] = token => CallTokens.Sign(bob.Sign, token with { Subject = "mallory" }),
            ["for another method"] = token => CallTokens.Sign(bob.Sign, token with { Audience = "maestro.tests.IProbeGrain/RelayAsync" }),
            ["for another grain"] = token => CallTokens.Sign(bob.Sign, token with { Target = "probe/probe/2" }),
            ["expired"] = token => CallTokens.Sign(
                bob.Sign, token with { IssuedAt = token.IssuedAt - 60_000, ExpiresAt = token.IssuedAt - 1 }),
            ["of the future"] = token => CallTokens.Sign(bob.Sign, token with { IssuedAt = token.IssuedAt + 45_000 }),
            ["too long-lived"] = token => CallTokens.Sign(bob.Sign, token with { ExpiresAt = token.IssuedAt + 61_000 }),
            ["with a long chain"] = token => CallTokens.Sign(bob.Sign, token with { Chain = [.. Enumerable.Repeat("x", 9)] }),
            ["with a bad nonce"] = token => CallTokens.Sign(bob.Sign, token with { Nonce = "1" }),
            ["huge"] = _ => new string('a', 9000),
        };
        var carried = "";
        var probe = (await cluster.ConnectAsync(_ => carried)).GetGrain<IProbeGrain>(Target);
        foreach (var (name, forge) in forgeries)
        {
            carried = forge(good with { Nonce = Messages.Nonce.Fresh() });
            var refusal = await Refused.WhereAsync(admission, probe.LookAsync);
            Assert.True(!admission || refusal!.Reason.Code == "call.refused", name);
        }
        carried = CallTokens.Sign(bob.Sign, good with { Nonce = Messages.Nonce.Fresh() });
        Assert.Equal(admission ? "bob" : "nobody", await probe.LookAsync());
        await Refused.WhereAsync(admission, probe.LookAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_captured_token_counts_for_no_other_arguments(bool admission)
    {
        await using var cluster = await TestCluster.StartAsync(admission);
        using var bob = cluster.Folder.KeyOf("bob");
        string? captured = null;
        var probe = (await cluster.ConnectAsync(call =>
        {
            if (captured is not null)
            {
                return captured;
            }
            // It is taken from the wire, and its call never arrives.
            captured = call.MethodName == nameof(IProbeGrain.PublishAsync)
                ? CallTokens.IssueFor(call, bob.Sign, "bob", cluster.Arguments, TimeProvider.System)
                : null;
            return "";
        })).GetGrain<IProbeGrain>(Target);
        await Refused.WhereAsync(admission, () => probe.PublishAsync("what bob said"));

        var refusal = await Refused.WhereAsync(admission, () => probe.PublishAsync("what bob did not say"));
        Assert.True(!admission || refusal!.Reason is { Code: "call.refused", Found: "a token of bob for other arguments" }, refusal?.Reason.Found);
        // The refused call has not used it up.
        await probe.PublishAsync("what bob said");
    }

    [Fact]
    public async Task A_role_taken_away_counts_from_then_on()
    {
        await using var cluster = await TestCluster.StartAsync();
        var probe = (await cluster.ConnectAsync("anna")).GetGrain<IProbeGrain>(Target);
        await probe.ActAsync();
        await cluster.EnrolAsync("anna", Role.Viewer);
        await Eventually.IsTrueAsync(async () => await Refused.ByAsync(probe.ActAsync) is not null);
        Assert.Equal("anna", await probe.LookAsync());
    }

    [Fact]
    public async Task A_grain_acts_under_its_own_role_with_its_callers_behind_it()
    {
        await using var cluster = await TestCluster.StartAsync();
        var probe = (await cluster.ConnectAsync("anna")).GetGrain<IProbeGrain>("pr/local/acme/shop/42");
        Assert.Equal("anna>role:deployment for pr/local/acme/shop/42", await probe.RelayAsync());
    }

    [Fact]
    public async Task Timers_reminders_and_streams_act_as_the_grain_alone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var probe = (await cluster.ConnectAsync("anna")).GetGrain<IProbeGrain>(Target);
        await probe.ArmAsync();
        await probe.PublishAsync("hello");
        await Eventually.IsTrueAsync(async () => (await probe.TracesAsync()).Select(trace => trace.Split(' ')[0]).Distinct().Count() == 3);
        var traces = (await probe.TracesAsync()).Distinct().Order();
        Assert.Equal(
            [
                "reminder as nobody: role:deployment for nothing",
                "stream as nobody hello: role:deployment for nothing",
                "timer as nobody: role:deployment for nothing",
            ],
            traces);
        Assert.Empty(cluster.Denials.All);
    }

    [Fact]
    public async Task Silo_code_acts_as_its_scope_says()
    {
        await using var cluster = await TestCluster.StartAsync();
        var inner = cluster.Silo.GetRequiredService<IGrainFactory>().GetGrain<IInnerGrain>("inner/1");
        Assert.Equal("role:control with Control", (await Refused.ByAsync(inner.GateAsync))!.Reason.Found);
        using (CallerScope.As(Role.Gateway, new Caller("anna", [Role.Viewer], [], "pr/local/acme/shop/42")))
        {
            Assert.Equal("anna>role:gateway for pr/local/acme/shop/42", await inner.GateAsync());
            using (CallerScope.As(Role.Deployment))
            {
                Assert.Equal("role:deployment for nothing", await inner.WhoAsync());
            }
        }
        Assert.NotNull(await Refused.ByAsync(inner.GateAsync));
    }

    [Fact]
    public async Task A_second_silo_joins_and_serves()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.JoinAsync();
        var anna = await cluster.ConnectAsync("anna");
        var told = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => anna.GetGrain<IProbeGrain>($"probe/{number}").RelayAsync()));
        Assert.All(told, who => Assert.Equal("anna>role:deployment for nothing", who));
        Assert.Empty(cluster.Denials.All);
    }
}
