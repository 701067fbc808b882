using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Agents;

/// <summary>What an agent is busy with when another order comes.</summary>
public sealed class CurrentOrdersTests
{
    private readonly CurrentOrders _orders = new();

    [Fact]
    public async Task An_undo_waits_for_what_is_still_asked_of_its_attempt_and_nothing_is_asked_after_it()
    {
        var rehearsal = (await TakeUpAsync(OrderKind.Ask, Stage.RehearseRollback))!;
        var other = (await TakeUpAsync(OrderKind.Ask, Stage.RehearseRollback, attempt: 2))!;
        using var look = rehearsal.BeginLook(TimeSpan.FromMinutes(1), CancellationToken.None, CancellationToken.None);

        var undo = TakeUpAsync(OrderKind.Undo, Stage.DeployStaging);

        Assert.True(look.IsCancellationRequested);
        Assert.False(undo.IsCompleted, "The undo began while the rehearsal could still end an instance.");
        rehearsal.EndLook();
        Assert.NotNull(await undo);
        Assert.False(_orders.Holds(rehearsal));
        Assert.True(_orders.Holds(other));
        Assert.Null(await TakeUpAsync(OrderKind.Ask, Stage.RehearseRollback));
        Assert.NotNull(await TakeUpAsync(OrderKind.Stop, Stage.RehearseRollback));
    }

    [Fact]
    public async Task A_copy_of_an_order_is_not_taken_up_and_the_next_try_takes_its_place()
    {
        var first = (await TakeUpAsync(OrderKind.Ask, Stage.Build))!;
        Assert.Null(await TakeUpAsync(OrderKind.Ask, Stage.Build));
        Assert.True(_orders.Holds(first));

        var second = (await TakeUpAsync(OrderKind.Ask, Stage.Build, number: 2))!;

        Assert.False(_orders.Holds(first));
        Assert.True(_orders.Holds(second));
        _orders.Remove(second);
        Assert.Empty(_orders.All);
    }

    private Task<CurrentOrder?> TakeUpAsync(OrderKind kind, Stage stage, int attempt = 1, int number = 1)
    {
        var order = new WorkOrder(
            Binding.Of(DeploymentId.Parse("pr/local/acme/shop/42"), attempt, stage, number, Role.Deployment, TimeProvider.System), kind,
            ImmutableDictionary<string, Digest>.Empty, Digest.Of("c"u8), null, null);
        return _orders.TakeUpAsync(order, () => new CurrentOrder(order, TimeProvider.System.GetUtcNow(), null));
    }
}
