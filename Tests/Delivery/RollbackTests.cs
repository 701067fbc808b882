using Maestro.Deployments;
using Maestro.Environments;

namespace Maestro.Delivery;

/// <summary>Production goes back: by itself, and by command.</summary>
public sealed class RollbackTests(ReleasedDelivery released) : IClassFixture<ReleasedDelivery>
{
    private readonly TestDelivery _delivery = released.Delivery;

    [Fact]
    public async Task A_bad_release_is_rolled_back_and_nothing_follows_until_a_person_lifts_the_hold()
    {
        await released.DeliverAsync("well");
        var well = (await _delivery.EnvironmentAsync("production")).Live!;
        await released.WatchAsync("5m");
        var bad = await _delivery.OpenAsync("unwell", ("settings.txt", "version=unwell\nbad-in=production\nbad-after=8\n"));
        var view = await _delivery.DeliverAsync(bad);
        await released.WatchAsync("1s");
        Assert.True(view is { Outcome: Outcome.RolledBack, Code: "watch.unhealthy" }, TestDelivery.Describe(view));
        Assert.Equal("200 version well", await TestDelivery.AskAsync(_delivery.ProductionPort));
        await released.GoneAsync(bad, 1);
        var production = await _delivery.EnvironmentAsync("production");
        Assert.Equal((well.Id, well.Effect, null), (production.Live!.Id, production.Live.Effect, production.LockHolder));
        Assert.Contains("watch.unhealthy", production.Hold, StringComparison.Ordinal);

        var next = await _delivery.OpenAsync("held-back", ReleasedDelivery.Plain("held-back"));
        view = await _delivery.DeliverAsync(next);
        Assert.True(view is { Outcome: Outcome.Refused, Code: "environment.held" }, TestDelivery.Describe(view));
        Assert.Equal("refused", ReleasedDelivery.Status(view, Stage.ProvisionProduction));
        Assert.Equal("200 version well", await TestDelivery.AskAsync(_delivery.ProductionPort));

        await _delivery.Reviewer.Grain<IEnvironmentGrain>($"env/{TestDelivery.Application}/production").ReleaseHoldAsync("looked at it");
        await _delivery.Reviewer.Grain<IDeploymentGrain>(next).CommandAsync(Command.Retry, null);
        view = await _delivery.UntilAnsweringAsync(next, view => view is { Attempt: 2, Outcome: not null });
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        Assert.Equal("200 version held-back", await TestDelivery.AskAsync(_delivery.ProductionPort));
    }

    [Fact]
    public async Task A_command_brings_back_the_release_before_and_another_an_older_one()
    {
        await released.DeliverAsync("oldest");
        var oldest = (await _delivery.EnvironmentAsync("production")).Live!;
        await released.DeliverAsync("between");
        var older = await released.DeliverAsync("older");
        var newest = await released.DeliverAsync("newest");

        await RefusedAsync("command.not-live", older, null);
        var unknown = await RefusedAsync("rollback.unknown", newest, "r999");
        Assert.Contains(oldest.Id, unknown.Expected, StringComparison.Ordinal);
        Assert.Equal(Outcome.Finished, (await _delivery.GetAsync(newest)).Outcome);

        await RollBackAsync(newest, null);
        Assert.Equal("200 version older", await TestDelivery.AskAsync(_delivery.ProductionPort));
        await RollBackAsync(older, oldest.Id);
        Assert.Equal("200 version oldest", await TestDelivery.AskAsync(_delivery.ProductionPort));
        var production = await _delivery.EnvironmentAsync("production");
        Assert.Equal((oldest.Id, null, null), (production.Live!.Id, production.Hold, production.LockHolder));
        Assert.DoesNotContain(_delivery.Running(), effect =>
            effect.EndsWith("/Promote", StringComparison.Ordinal) && effect != production.Live.Effect);
        await released.DeliverAsync("onwards");
    }

    private async Task RollBackAsync(string id, string? target)
    {
        await _delivery.Reviewer.Grain<IDeploymentGrain>(id).CommandAsync(Command.RollBack, target);
        var view = await _delivery.UntilAsync(id, view => view.Outcome is not null);
        Assert.True(view is { Outcome: Outcome.RolledBack, Code: Codes.RolledBackByCommand }, TestDelivery.Describe(view));
    }

    private async Task<Reason> RefusedAsync(string code, string id, string? target)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => _delivery.Reviewer.Grain<IDeploymentGrain>(id).CommandAsync(Command.RollBack, target));
        Assert.Equal(code, refused.Reason.Code);
        return refused.Reason;
    }
}
