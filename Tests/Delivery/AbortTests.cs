using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>An operator aborts at every stage, and nothing of the deployment is left.</summary>
public sealed class AbortTests(ReleasedDelivery released) : IClassFixture<ReleasedDelivery>
{
    private readonly TestDelivery _delivery = released.Delivery;

    [Theory]
    [InlineData(Stage.Review)]
    [InlineData(Stage.AllowRun)]
    [InlineData(Stage.Build)]
    [InlineData(Stage.Test)]
    [InlineData(Stage.Scan)]
    [InlineData(Stage.PlanStaging)]
    [InlineData(Stage.StagingPlanReview)]
    [InlineData(Stage.ProvisionStaging)]
    [InlineData(Stage.DeployStaging)]
    [InlineData(Stage.RehearseRollback)]
    [InlineData(Stage.PlanProduction)]
    [InlineData(Stage.Approval)]
    [InlineData(Stage.ProvisionProduction)]
    [InlineData(Stage.Promote)]
    public async Task An_abort_leaves_nothing_behind_and_the_next_change_goes_through(Stage stage)
    {
        var before = await TestDelivery.AskAsync(_delivery.ProductionPort);
        var id = await _delivery.OpenAsync($"abort-{stage}", ReleasedDelivery.Held(stage, $"abort-{stage}"));
        await released.ReachAsync(id, stage);
        await AbortAsync(id, Outcome.Aborted, before);
        await released.DeliverAsync($"after-{stage}");
    }

    [Fact]
    public async Task An_abort_during_the_watch_brings_back_the_release_before()
    {
        var before = await TestDelivery.AskAsync(_delivery.ProductionPort);
        var live = (await _delivery.EnvironmentAsync("production")).Live;
        await released.WatchAsync("5m");
        var id = await _delivery.OpenAsync("abort-watch", ReleasedDelivery.Plain("abort-watch"));
        await released.ReachAsync(id, Stage.Watch);
        Assert.Equal("200 version abort-watch", await TestDelivery.AskAsync(_delivery.ProductionPort));
        await AbortAsync(id, Outcome.RolledBack, before);
        var production = await _delivery.EnvironmentAsync("production");
        Assert.Equal((live!.Id, live.Effect), (production.Live!.Id, production.Live.Effect));
        await released.WatchAsync("1s");
        await released.DeliverAsync("after-watch");
    }

    [Fact]
    public async Task What_has_settled_is_not_aborted()
    {
        var id = await _delivery.OpenAsync("settled", ReleasedDelivery.Plain("settled"));
        await released.ReachAsync(id, Stage.Approval);
        using (await released.BusyAsync())
        {
            await _delivery.UntilAnsweringAsync(id, view => view.Outcome is not null || ReleasedDelivery.Status(view, Stage.Finish) != "pending");
            var refused = await Assert.ThrowsAsync<RefusedException>(() => _delivery.Reviewer.Grain<IDeploymentGrain>(id).CommandAsync(Command.Abort, null));
            Assert.Equal("command.settled", refused.Reason.Code);
        }
        var view = await _delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
    }

    private async Task AbortAsync(string id, Outcome outcome, string before)
    {
        await _delivery.Reviewer.Grain<IDeploymentGrain>(id).CommandAsync(Command.Abort, null);
        var view = await _delivery.UntilAsync(id, view => view.Outcome is not null);
        Assert.True(view.Outcome == outcome && view.Code == Codes.Aborted, TestDelivery.Describe(view));
        await released.GoneAsync(id, 1);
        foreach (var name in new[] { "staging", "production" })
        {
            var environment = await _delivery.EnvironmentAsync(name);
            Assert.Null(environment.LockHolder);
            Assert.Null(environment.InFlight);
            Assert.Null(environment.Hold);
        }
        Assert.Equal(before, await TestDelivery.AskAsync(_delivery.ProductionPort));
        Assert.Equal(before, await TestDelivery.AskAsync(_delivery.StagingPort));
    }
}
