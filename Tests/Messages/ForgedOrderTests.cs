using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Streams;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Messages;

/// <summary>Orders published directly to the review agent, for a change that nobody asked it about. What would run is the review.</summary>
public sealed class ForgedOrderTests(MessageSilo silo) : IClassFixture<MessageSilo>, IDisposable
{
    private static readonly Dictionary<string, Attack> Attacks = new(StringComparer.Ordinal)
    {
        ["nobody signed it"] = new(MessageRefusal.SignatureCode, controls => controls.Believes = true,
            (silo, order) => Signed(silo, order).Unsigned()),
        ["another role signed it"] = new(MessageRefusal.SignatureCode, controls => controls.Believes = true,
            (silo, order) => Forgery.Signed(silo.Keyring, Role.Deployment, PredicateTypes.WorkOrder, order)),
        ["it is for somebody else"] = Waiving(MessageRefusal.AudienceCode, binding => binding with { Audience = Role.Deployment }),
        ["it has expired"] = Waiving(MessageRefusal.ExpiredCode, Forgery.Expired),
        ["it is of the future"] = Waiving(MessageRefusal.EarlyCode, Forgery.Early),
        ["it lives too long"] = Waiving(MessageRefusal.LifetimeCode, Forgery.LongLived),
    };

    public static TheoryData<string> Names => [.. Attacks.Keys];

    public void Dispose() => silo.Controls.Restore();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_forged_order_runs_nothing_and_without_its_control_it_would(string name)
    {
        var attack = Attacks[name];
        var (id, change) = await OpenAsync();
        var calls = silo.Reviewer.Calls;
        await silo.PublishAsync(Channels.ReviewOrders, id, attack.Make(silo, Order(id, change)));
        await silo.UntilRefusedAsync(id, "message.dropped", attack.Code);
        Assert.Equal(calls, silo.Reviewer.Calls);

        attack.Waive(silo.Controls);
        await silo.PublishAsync(Channels.ReviewOrders, id, attack.Make(silo, Order(id, change)));
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Reviewer.Calls == calls + 1));
        Assert.Empty(await silo.LogAsync(id));
    }

    [Fact]
    public async Task An_order_for_another_deployment_runs_nothing()
    {
        var (id, change) = await OpenAsync();
        var (other, _) = await OpenAsync();
        var calls = silo.Reviewer.Calls;
        await silo.PublishAsync(Channels.ReviewOrders, other, Signed(silo, Order(id, change)));
        await silo.UntilRefusedAsync(other, "message.dropped", MessageRefusal.DeploymentCode);
        Assert.Equal(calls, silo.Reviewer.Calls);

        silo.Controls.Waived = MessageRefusal.DeploymentCode;
        await silo.PublishAsync(Channels.ReviewOrders, other, Signed(silo, Order(id, change)));
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Reviewer.Calls == calls + 1));
    }

    [Fact]
    public async Task An_order_that_is_too_large_runs_nothing()
    {
        var (id, change) = await OpenAsync();
        var calls = silo.Reviewer.Calls;
        var order = Signed(silo, Order(id, change));
        await silo.PublishAsync(Channels.ReviewOrders, id, order.Padded(silo.Keyring, Role.Control, Dsse.PayloadLimit + 1));
        await silo.UntilRefusedAsync(id, "message.dropped", MessageRefusal.TooLargeCode);
        Assert.Equal(calls, silo.Reviewer.Calls);

        await silo.PublishAsync(Channels.ReviewOrders, id, order.Padded(silo.Keyring, Role.Control, Dsse.PayloadLimit));
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Reviewer.Calls == calls + 1));
    }

    [Fact]
    public async Task Nobody_without_a_silo_reaches_a_queue()
    {
        var message = new QueueMessage(StreamId.Create(Channels.ReviewOrders, Forgery.Other.ToString()), []);
        var queue = $"queue/{Channels.Provider}/0";
        var refusal = await Refused.ByAsync(() => silo.Owner.Grain<IQueueGrain>(queue).PutAsync(message));
        Assert.Equal("call.refused", refusal?.Reason.Code);
        await Eventually.IsTrueAsync(async () => (await silo.SubjectAsync("maestro.IQueueGrain/PutAsync")).Any(fact => fact.Kind == "call.refused"));

        Assert.True(await silo.Grains.GetGrain<IQueueGrain>(queue).PutAsync(message));
    }

    [Fact]
    public async Task A_replayed_order_runs_once()
    {
        var (id, change) = await OpenAsync();
        var calls = silo.Reviewer.Calls;
        var captured = Signed(silo, Order(id, change));
        await silo.PublishAsync(Channels.ReviewOrders, id, captured);
        // What it answers was not asked for by the deployment, which says that it has ended.
        await silo.UntilRefusedAsync(id, "message.refused", MessageRefusal.AttemptCode);
        await silo.PublishAsync(Channels.ReviewOrders, id, captured);
        await silo.UntilRefusedAsync(id, "message.dropped", MessageRefusal.ReplayedCode);
        Assert.Equal(calls + 1, silo.Reviewer.Calls);

        silo.Controls.Waived = MessageRefusal.ReplayedCode;
        await silo.PublishAsync(Channels.ReviewOrders, id, captured);
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Reviewer.Calls == calls + 2));
    }

    private async Task<(DeploymentId Id, Digest Change)> OpenAsync()
    {
        var change = await silo.PullAsync();
        var id = change.Deployment();
        var opened = new OpenedAttempt(id, 1, Plan.Versions[^1].Version, change);
        return (id, await silo.Services.GetRequiredService<EvidenceFile>().PutAsync(opened, TestContext.Current.CancellationToken));
    }

    private static WorkOrder Order(DeploymentId id, Digest change)
    {
        var needs = ImmutableDictionary<string, Digest>.Empty;
        return new(Binding.Of(id, 1, Stage.Review, 1, Role.Review, TimeProvider.System), OrderKind.Ask, needs, change);
    }

    private static Envelope Signed(MessageSilo silo, WorkOrder order) =>
        Forgery.Signed(silo.Keyring, Role.Control, PredicateTypes.WorkOrder, order);

    private static Attack Waiving(string code, Func<Binding, Binding> change) => new(
        code, controls => controls.Waived = code, (silo, order) => Signed(silo, order with { Binding = change(order.Binding) }));

    private sealed record Attack(string Code, Action<Controls> Waive, Func<MessageSilo, WorkOrder, Envelope> Make);
}
