#pragma warning disable CA2000 // What is started is the place's, which ends it.
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Sessions;

/// <summary>What a session is worth with a person's key and without one, on a real silo that trusts an outside issuer.</summary>
public sealed class SessionAdmissionTests
{
    private const string Target = "probe/1";

    [Fact]
    public async Task A_key_with_the_persons_session_is_admitted_to_what_both_roster_and_session_give()
    {
        await using var place = await Place.StartAsync();
        var anna = await place.ConnectAsync("anna", () => place.Of("anna", "lookers", "operators", "administrators"));
        Assert.Equal("anna", await anna.LookAsync());
        Assert.Equal("anna", await anna.ActAsync());
        Assert.Equal("anna", await anna.GuardAsync());
        // What the probe calls goes on without the session, which stays between the caller and the grain.
        Assert.Equal("anna>role:deployment for nothing", await anna.RelayAsync());
        Assert.Empty(place.Cluster.Denials.All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_without_its_persons_key_and_a_key_without_its_session_are_refused(bool admission)
    {
        await using var place = await Place.StartAsync(admission);
        var stolen = place.Of("anna", "lookers", "operators");

        // The thief has the session and no key, or a key of their own.
        var thief = await place.Cluster.ConnectAsync(_ =>
        {
            RequestContext.Set(SessionCheck.ContextKey, stolen);
            return "";
        });
        await RefusedAsync(admission, thief.GetGrain<IProbeGrain>(Target).LookAsync, "call.refused", "a malformed token");
        await RefusedAsync(admission, thief.GetGrain<IProbeGrain>(Target).ActAsync, "call.refused", "a malformed token");
        var bob = await place.ConnectAsync("bob", () => stolen);
        await RefusedAsync(admission, bob.LookAsync, "call.session", "a session of somebody else");
        await RefusedAsync(admission, bob.ActAsync, "call.session", "a session of somebody else");

        var alone = (await place.Cluster.ConnectAsync("anna")).GetGrain<IProbeGrain>(Target);
        await RefusedAsync(admission, alone.LookAsync, "call.session", "a call without a session");
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-1).UtcDateTime;
        var ended = await place.ConnectAsync("anna", () => place.Issuer.Token(
            "anna-1", null, token => (token.IssuedAt, token.NotBefore, token.Expires) = (null, null, before)));
        await RefusedAsync(admission, ended.LookAsync, "call.session", "a session that has expired");

        // With the key it works.
        Assert.Equal(admission ? "anna" : "nobody", await (await place.ConnectAsync("anna", () => stolen)).ActAsync());
        Assert.Equal(admission ? 6 : 0, place.Cluster.Denials.All.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_is_bound_to_the_call_that_was_signed_for_it(bool admission)
    {
        await using var place = await Place.StartAsync(admission);
        using var anna = place.Cluster.Folder.KeyOf("anna");
        var (weak, strong) = (place.Of("anna", "lookers"), place.Of("anna", "lookers", "operators"));
        string? carried = strong;
        string? bound = weak;
        var swapped = (await place.Cluster.ConnectAsync(call =>
        {
            RequestContext.Set(SessionCheck.ContextKey, carried!);
            return CallTokens.IssueFor(call, anna.Sign, "anna", place.Cluster.Arguments, TimeProvider.System, bound);
        })).GetGrain<IProbeGrain>(Target);
        await RefusedAsync(admission, swapped.ActAsync, "call.session", "a session that the call's key did not sign for");
        bound = null;
        await RefusedAsync(admission, swapped.ActAsync, "call.session", "a session that the call's key did not sign for");
        (carried, bound) = (null, strong);
        await RefusedAsync(admission, swapped.ActAsync, "call.session", "a session that the call's key did not sign for");
        carried = strong;
        Assert.Equal(admission ? "anna" : "nobody", await swapped.ActAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Claims_give_nothing_beyond_the_roster_and_the_roster_nothing_beyond_the_claims(bool admission)
    {
        await using var place = await Place.StartAsync(admission);
        var bob = await place.ConnectAsync("bob", () => place.Of("bob", "lookers", "operators", "administrators"));
        Assert.Equal(admission ? "bob" : "nobody", await bob.LookAsync());
        await RefusedAsync(admission, bob.ActAsync, "call.refused", "bob with Viewer");

        var anna = await place.ConnectAsync("anna", () => place.Of("anna", "lookers"));
        await RefusedAsync(admission, anna.ActAsync, "call.session", "a session of anna that gives Viewer");
        var none = await place.ConnectAsync("anna", () => place.Of("anna", "somebody"));
        await RefusedAsync(admission, none.LookAsync, "call.session", "a session of anna that gives no role");

        // Taken away by the roster, it is gone at once, whatever the session says.
        var acting = await place.ConnectAsync("anna", () => place.Of("anna", "lookers", "operators"));
        Assert.Equal(admission ? "anna" : "nobody", await acting.ActAsync());
        await place.Cluster.EnrolAsync("anna", Role.Viewer);
        await RefusedAsync(admission, acting.ActAsync, "call.refused", "anna with Viewer");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_asks_for_more_than_one_factor_gets_it_lately_or_refuses(bool admission)
    {
        await using var place = await Place.StartAsync(admission);
        var claims = place.Issuer.TwoFactors(TimeSpan.Zero, "operators");
        var anna = await place.ConnectAsync("anna", () => place.Issuer.Token("anna-1", claims));
        foreach (var (weak, why) in new (Dictionary<string, object>, string)[]
        {
            (new(claims) { ["amr"] = new[] { "pwd" } }, "a sign-in with one factor"),
            (new(claims.Where(claim => claim.Key != "amr")), "a sign-in with one factor"),
            (new(claims.Where(claim => claim.Key != "auth_time")), "a sign-in of which the issuer does not say when it was"),
            (place.Issuer.TwoFactors(TimeSpan.FromMinutes(16), "operators"), "a sign-in that is too long ago"),
            (place.Issuer.TwoFactors(TimeSpan.FromMinutes(-16), "operators"), "a sign-in of the future"),
        })
        {
            claims = weak;
            await RefusedAsync(admission, anna.GuardAsync, "call.step-up", why);
            Assert.Equal(admission ? "anna" : "nobody", await anna.ActAsync());
        }
        claims = place.Issuer.TwoFactors(TimeSpan.FromMinutes(14), "operators");
        Assert.Equal(admission ? "anna" : "nobody", await anna.GuardAsync());
        Assert.Equal(admission ? 5 : 0, place.Cluster.Denials.All.Count(denial => denial.Code == "call.step-up"));
    }

    [Fact]
    public async Task Where_no_issuer_is_trusted_the_key_is_enough_and_no_session_is_believed()
    {
        await using var cluster = await TestCluster.StartAsync();
        Assert.Equal("anna", await (await cluster.ConnectAsync("anna")).GetGrain<IProbeGrain>(Target).GuardAsync());
        using var key = cluster.Folder.KeyOf("anna");
        var anna = (await cluster.ConnectAsync(client => client.AddIdentity(key, new Fixed(() => "made up")))).GetGrain<IProbeGrain>(Target);
        await RefusedAsync(true, anna.LookAsync, "call.session", "a session, where no issuer is trusted");
    }

    private static async Task RefusedAsync(bool admission, Func<Task> call, string code, string found)
    {
        var refusal = await Refused.WhereAsync(admission, call);
        Assert.True(!admission || (refusal!.Reason.Code == code && refusal.Reason.Found == found), $"{refusal?.Reason.Code}: {refusal?.Reason.Found}");
    }

    /// <summary>A console's session.</summary>
    private sealed class Fixed(Func<string> session) : ISessionSource
    {
        public ValueTask<string?> CurrentAsync() => new(session());
    }

    /// <summary>A silo, an issuer, and the people of both.</summary>
    private sealed class Place(StandInIssuer issuer, TestCluster cluster) : IAsyncDisposable
    {
        public StandInIssuer Issuer => issuer;

        public TestCluster Cluster => cluster;

        public static async Task<Place> StartAsync(bool admission = true)
        {
            var issuer = await StandInIssuer.StartAsync();
            var trusted = TrustedIssuer.Of(SessionTokenTests.Settings(issuer.Address));
            var cluster = await TestCluster.StartAsync(admission, silo => silo.Services.AddSingleton<ISessions>(
                SessionTokenTests.Sessions(trusted, issuer.Address, TimeProvider.System)));
            foreach (var person in (string[])["anna", "bob"])
            {
                await cluster.Enrolment.LinkAsync(person, [$"oidc:{issuer.Address}#{person}-1"], TestContext.Current.CancellationToken);
            }
            return new(issuer, cluster);
        }

        public string Of(string person, params string[] groups) => issuer.Token($"{person}-1", issuer.TwoFactors(TimeSpan.Zero, groups));

        public async Task<IProbeGrain> ConnectAsync(string person, Func<string> session)
        {
            // The client owns the key from here on.
            var key = cluster.Folder.KeyOf(person);
            return (await cluster.ConnectAsync(client => client.AddIdentity(key, new Fixed(session)))).GetGrain<IProbeGrain>(Target);
        }

        public async ValueTask DisposeAsync()
        {
            await cluster.DisposeAsync();
            await issuer.DisposeAsync();
        }
    }
}
