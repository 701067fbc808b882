using System.Runtime.Versioning;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Outside.Infrastructure;

namespace Maestro.Custody;

/// <summary>The embedded infrastructure applies to production with custody's lease for exactly this plan.</summary>
[SupportedOSPlatform("linux")]
public sealed class LeaseGateTests : IDisposable
{
    private const string Effect = "pr/local/acme/shop/1/a1/ProvisionProduction";
    private static readonly EnvironmentKey Production = new("shop", "production");

    private readonly Worlds _worlds = new();
    private readonly TestCustody _custody = new();

    private static readonly Dictionary<string, (string Code, Func<ProductionLease, ProductionLease> Change, Role Signer)> Wrong = new(StringComparer.Ordinal)
    {
        ["another plan"] = ("lease.plan", lease => lease with { Plan = Digest.Of("other"u8) }, Role.Custody),
        ["no plan"] = ("lease.plan", lease => lease with { Plan = null }, Role.Custody),
        ["another attempt"] = ("lease.effect", lease => lease with
        {
            Attempt = 2,
            Effect = "pr/local/acme/shop/1/a2/ProvisionProduction",
        }, Role.Custody),
        ["another deployment"] = ("lease.effect", lease => lease with
        {
            Deployment = DeploymentId.Of("local", "acme", "shop", 2),
            Effect = "pr/local/acme/shop/2/a1/ProvisionProduction",
        }, Role.Custody),
        ["the way back"] = ("lease.way", lease => lease with { Way = LeaseWay.Back }, Role.Custody),
        ["another environment"] = ("lease.environment", lease => lease with { Environment = "env/other/production" }, Role.Custody),
        ["another token"] = ("lease.token", lease => lease with { Token = 2 }, Role.Custody),
        ["a time that is over"] = ("lease.expired", lease => lease with { ExpiresAt = lease.IssuedAt }, Role.Custody),
        ["the infrastructure role's word"] = ("message.signature", lease => lease, Role.Infrastructure),
    };

    public static TheoryData<string> Wrongs => [.. Wrong.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _worlds.Dispose();
        _custody.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task A_lease_for_anything_else_applies_nothing(string name)
    {
        var (code, change, signer) = Wrong[name];
        var (guarded, open) = (Engine(new LeaseGate(() => _custody.Keyring, TimeProvider.System)), Engine(new OpenGate()));
        var plan = await PlanAsync(guarded);
        var lease = _custody.Sign(change(Fitting(plan)), signer);

        Assert.Equal(code, (await Worlds.RefusedAsync(() => ApplyAsync(guarded, plan, lease))).Code);
        Assert.Equal("lease.missing", (await Worlds.RefusedAsync(() => ApplyAsync(guarded, plan, null))).Code);
        Assert.Equal(0, (await guarded.ReadAsync(Production, Cancellation)).Serial);

        Assert.Equal(1, (await ApplyAsync(open, plan, lease)).Serial);
    }

    [Fact]
    public async Task Its_own_lease_applies_the_plan_and_as_often_as_it_is_asked()
    {
        var guarded = Engine(new LeaseGate(() => _custody.Keyring, TimeProvider.System));
        var plan = await PlanAsync(guarded);
        var lease = _custody.Sign(Fitting(plan));
        Assert.Equal(1, (await ApplyAsync(guarded, plan, lease)).Serial);
        Assert.Equal(1, (await ApplyAsync(guarded, plan, lease)).Serial);
    }

    [Theory]
    [InlineData("env/shop/staging", false)]
    [InlineData("env/shop/production", true)]
    [InlineData("env/shop/anything-else", true)]
    [InlineData("env/staging/production", true)]
    public void All_but_staging_is_guarded(string environment, bool guarded) => Assert.Equal(guarded, LeaseGate.Guards(environment));

    private LocalInfrastructure Engine(LeaseGate gate) => new(new LocalInfrastructureOptions(_worlds.Root), _worlds.Ports, gate, TimeProvider.System);

    private static Task<InfrastructurePlan> PlanAsync(LocalInfrastructure engine) => engine.PlanAsync(
        Production, Worlds.Yaml("  - file: a\n    content: x\n", "production.yaml"), Cancellation);

    private static Task<InfrastructureState> ApplyAsync(LocalInfrastructure engine, InfrastructurePlan plan, Envelope? lease) =>
        engine.ApplyAsync(Production, plan.Document, Effect, 1, lease, Cancellation);

    private static ProductionLease Fitting(InfrastructurePlan plan)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new(
            DeploymentId.Of("local", "acme", "shop", 1), 1, Stage.ProvisionProduction, Effect, Production.ToString(), 8090, LeaseWay.Forward, null,
            Digest.Of(plan.Document.Span), 1, Digest.Of("summary"u8), Nonce.Fresh(), now, now + ProductionLease.Life);
    }
}
