using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Edge;

/// <summary>Whoever switches production needs custody's lease for exactly that switch.</summary>
public sealed class LeaseTests
{
    private const string Blue = "pr/local/acme/shop/1/a1/Promote";
    private const string Green = "pr/local/acme/shop/2/a1/Promote";

    private static readonly Dictionary<string, (string Code, Func<ProductionLease, ProductionLease> Change, Role Signer)> Wrong = new(StringComparer.Ordinal)
    {
        ["another deployment"] = ("lease.target", lease => lease with { Target = "pr/local/acme/shop/3/a1/Promote" }, Role.Custody),
        ["another attempt"] = ("lease.target", lease => lease with { Target = "pr/local/acme/shop/2/a2/Promote" }, Role.Custody),
        ["nothing to be served"] = ("lease.target", lease => lease with { Target = null }, Role.Custody),
        ["another environment"] = ("lease.environment", lease => lease with { Environment = "env/other/production" }, Role.Custody),
        ["another token"] = ("lease.token", lease => lease with { Token = 1 }, Role.Custody),
        ["another port"] = ("lease.port", lease => lease with { Port = 1 }, Role.Custody),
        ["an effect that is not its own"] = ("lease.effect", lease => lease with { Effect = Green }, Role.Custody),
        ["a plan"] = ("lease.plan", lease => lease with { Plan = Digest.Of("plan"u8) }, Role.Custody),
        ["keeping what is not served"] = ("lease.target", lease => lease with { Way = LeaseWay.Keep }, Role.Custody),
        ["a time that is over"] = ("lease.expired", lease => lease with
        {
            IssuedAt = lease.IssuedAt.AddMinutes(-6),
            ExpiresAt = lease.IssuedAt.AddMinutes(-1),
        }, Role.Custody),
        ["a day"] = ("lease.lifetime", lease => lease with { ExpiresAt = lease.IssuedAt.AddDays(1) }, Role.Custody),
        ["tomorrow"] = ("lease.lifetime", lease => lease with { IssuedAt = lease.IssuedAt.AddDays(1), ExpiresAt = lease.ExpiresAt.AddDays(1) }, Role.Custody),
        ["the deployment role's word"] = ("message.signature", lease => lease, Role.Deployment),
        ["the control role's word"] = ("message.signature", lease => lease, Role.Control),
    };

    public static TheoryData<string> Wrongs => [.. Wrong.Keys];

    [Fact]
    public async Task Production_is_not_switched_without_a_lease_and_staging_is()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        var staging = Hosting.Ports.Free();

        await Refusal.OfAsync("lease.missing", SwitchAsync(home, 1, null, Blue, blue.Address, null));

        Assert.Equal(new(null, null, 0), await home.ReadAsync());
        Assert.Equal(["no-lease"], home.Journal.Select(line => line.Outcome));
        await home.Client.SwitchAsync(new("shop", "staging"), staging, 1, null, Blue, blue.Address, null, TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task A_lease_for_anything_else_switches_nothing(string name)
    {
        await using var home = await EdgeHome.HostAsync();
        var (code, change, signer) = Wrong[name];

        await Refusal.OfAsync(code, AttackAsync(home, change, signer));

        Assert.Equal((Blue, "no-lease"), ((await home.ReadAsync()).Effect, home.Journal[^1].Outcome));
        await home.SwitchAsync(2, Blue, Green, new("http://127.0.0.1:9/"));
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task An_edge_that_demands_no_lease_is_switched_by_any(string name)
    {
        await using var home = await EdgeHome.HostAsync(gate: new OpenGate());
        var (_, change, signer) = Wrong[name];

        await AttackAsync(home, change, signer);

        Assert.Equal(Green, (await home.ReadAsync()).Effect);
    }

    [Fact]
    public async Task A_lease_to_keep_what_is_served_alive_moves_its_address_and_nothing_else()
    {
        await using var home = await EdgeHome.HostAsync();
        await home.SwitchAsync(1, null, Blue, new("http://127.0.0.1:9/"));
        var keep = home.Custody.Lend(lease => lease with { Way = LeaseWay.Keep, Target = Blue, Port = home.Port });

        await SwitchAsync(home, 1, Blue, Blue, new("http://127.0.0.1:10/"), keep);
        await Refusal.OfAsync("lease.target", SwitchAsync(home, 1, Blue, Green, new("http://127.0.0.1:10/"), keep));

        Assert.Equal(new(Blue, new("http://127.0.0.1:10/"), 1), await home.ReadAsync());
    }

    [Fact]
    public async Task On_the_way_back_a_lease_also_raises_the_token_and_after_it_the_old_lease_is_worth_nothing()
    {
        await using var home = await EdgeHome.HostAsync();
        var address = new Uri("http://127.0.0.1:9/");
        var forward = home.Lend(2, Green);
        await home.SwitchAsync(1, null, Blue, address);
        await SwitchAsync(home, 2, Blue, Green, address, forward);
        var back = home.Custody.Lend(lease => lease with { Way = LeaseWay.Back, Target = Blue, Port = home.Port, Token = 3 });

        await SwitchAsync(home, 3, Green, Green, address, back);
        await Refusal.OfAsync("edge.token-old", SwitchAsync(home, 2, Green, Green, address, forward));
        await SwitchAsync(home, 3, Green, Blue, address, back);

        Assert.Equal(new(Blue, address, 3), await home.ReadAsync());
    }

    [Fact]
    public async Task A_registry_that_the_pinned_root_did_not_sign_lends_nothing()
    {
        using var foreign = new TestCustody();
        await using var home = await EdgeHome.HostAsync(gate: EdgeKeys.Gate(foreign.Keys, Convert.ToBase64String(new byte[32]), TimeProvider.System));

        var broke = await Assert.ThrowsAsync<Outside.OutsideException>(() => home.SwitchAsync(1, null, Blue, new("http://127.0.0.1:9/")));

        Assert.Equal("keys.signed-file", broke.Reason.Code);
        Assert.Equal(new(null, null, 0), await home.ReadAsync());
    }

    private static async Task AttackAsync(EdgeHome home, Func<ProductionLease, ProductionLease> change, Role signer)
    {
        var address = new Uri("http://127.0.0.1:9/");
        await home.SwitchAsync(1, null, Blue, address);
        var lease = home.Custody.Lend(lease => change(lease with { Target = Green, Token = 2, Port = home.Port }), signer);
        await SwitchAsync(home, 2, Blue, Green, address, lease);
    }

    private static Task<Outside.Route> SwitchAsync(EdgeHome home, long token, string? expected, string target, Uri address, Envelope? lease) =>
        home.Client.SwitchAsync(EdgeHome.Production, home.Port, token, expected, target, address, lease, TestContext.Current.CancellationToken);
}
