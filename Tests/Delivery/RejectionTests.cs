using Maestro.Approvals;
using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>People say no at every gate, and only the right people may say yes.</summary>
public sealed class RejectionTests(ReleasedDelivery released) : IClassFixture<ReleasedDelivery>
{
    private readonly TestDelivery _delivery = released.Delivery;

    [Theory]
    [InlineData(Stage.AllowRun)]
    [InlineData(Stage.StagingPlanReview)]
    [InlineData(Stage.Approval)]
    public async Task A_rejection_ends_the_attempt_and_nothing_later_starts(Stage gate)
    {
        var before = await TestDelivery.AskAsync(_delivery.ProductionPort);
        var id = await _delivery.OpenAsync($"no-{gate}", ReleasedDelivery.Held(gate, $"no-{gate}"));
        var question = await released.QuestionAsync(id, gate);
        Assert.Equal(gate, question.Stage);
        await _delivery.DecideAsync(question, approved: false);
        var view = await _delivery.UntilAsync(id, view => view.Outcome is not null);
        Assert.True(view is { Outcome: Outcome.Refused, Code: "approval.rejected" }, TestDelivery.Describe(view));
        Assert.Contains("reviewer", view.Stages.Single(row => row.Stage == gate).Reason!.Found, StringComparison.Ordinal);
        var later = Later(gate);
        Assert.DoesNotContain((await _delivery.HistoryAsync(id)).OfType<LogEntry.Started>(), started => later.Contains(started.Stage));
        await released.GoneAsync(id, 1);
        Assert.Equal(before, await TestDelivery.AskAsync(_delivery.ProductionPort));
    }

    [Fact]
    public async Task Only_a_fresh_decision_of_somebody_who_may_decide_counts()
    {
        var id = await _delivery.OpenAsync("strict", ReleasedDelivery.Plain("strict"));
        var question = await released.QuestionAsync(id, Stage.Approval);
        var fitting = TestDelivery.Answer(question, approved: true);
        var now = TimeProvider.System.GetUtcNow();
        await RefusedAsync("approval.author", TestDelivery.Answer(question, approved: true, "author"));
        await RefusedAsync("approval.other-team", TestDelivery.Answer(question, approved: true, "stranger"));
        await RefusedAsync("approval.head", fitting with { Head = question.Base });
        await RefusedAsync("approval.base", fitting with { Base = question.Head });
        await RefusedAsync("approval.attempt", fitting with { Attempt = 2 });
        await RefusedAsync("approval.stage", fitting with { Stage = Stage.AllowRun });
        await RefusedAsync("approval.plan", fitting with { Plan = null });
        await RefusedAsync("approval.image", fitting with { Image = null });
        await RefusedAsync("approval.environment", fitting with { Environment = "staging" });
        await RefusedAsync("approval.unknown", fitting with { Nonce = "another-nonce" });
        await RefusedAsync("approval.expired", fitting with { IssuedAt = now - TimeSpan.FromMinutes(10), Expires = now - TimeSpan.FromMinutes(1) });
        await RefusedAsync("approval.expired", fitting with { Expires = now + TimeSpan.FromHours(1) });
        Assert.Null((await _delivery.GetAsync(id)).Outcome);
        Assert.Null(await _delivery.DecideAsync(fitting));
        var view = await _delivery.UntilAsync(id, view => view.Outcome is not null);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
    }

    [Fact]
    public async Task A_public_endpoint_needs_two_different_people()
    {
        var id = await _delivery.OpenAsync("endpoint", ReleasedDelivery.Plain("endpoint"),
            ("infrastructure/staging.yaml", "version: 1\nresources: []\n"),
            ("infrastructure/production.yaml", $"version: 1\nresources:\n  - port: web\n    number: {_delivery.ProductionPort}\n"));
        var question = await released.QuestionAsync(id, Stage.Approval);
        Assert.Equal(2, question.Needed);
        Assert.NotNull(await _delivery.DecideAsync(question, approved: true));
        await RefusedAsync("approval.given", TestDelivery.Answer(question, approved: true));
        Assert.DoesNotContain(await _delivery.HistoryAsync(id), entry => entry is LogEntry.Started { Stage: Stage.ProvisionProduction });
        Assert.Null(await _delivery.DecideAsync(question, approved: true, "second"));
        var view = await _delivery.UntilAsync(id, view => view.Outcome is not null);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
    }

    private async Task RefusedAsync(string code, Decision decision)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => _delivery.DecideAsync(decision));
        Assert.Equal(code, refused.Reason.Code);
    }

    // Every stage that waits for the gate's proof, directly or through another.
    private static HashSet<Stage> Later(Stage gate)
    {
        var later = new HashSet<Stage> { gate };
        foreach (var row in Plan.Version1.Rows.Where(row => Plan.Version1.NeedsOf(row.Stage).Any(later.Contains)))
        {
            later.Add(row.Stage);
        }
        later.Remove(gate);
        return later;
    }
}
