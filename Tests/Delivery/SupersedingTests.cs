using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>A newer push, or a moved base, at every stage. Nobody opens anything again: the push is noticed by itself.</summary>
public sealed class SupersedingTests(ReleasedDelivery released) : IClassFixture<ReleasedDelivery>
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
    public async Task A_push_before_production_is_touched_takes_the_place_of_the_attempt(Stage stage)
    {
        var branch = $"push-{stage}";
        var id = await _delivery.OpenAsync(branch, ReleasedDelivery.Held(stage, $"{branch}-1"));
        await released.ReachAsync(id, stage);
        await _delivery.Repository.PushAsync(branch, ReleasedDelivery.Plain($"{branch}-2"));
        var view = await SecondAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        var history = await _delivery.HistoryAsync(id);
        Assert.Equal((Outcome.Superseded, Codes.Superseded), (ClosedOf(history, 1).Outcome, ClosedOf(history, 1).Code));
        Assert.DoesNotContain(history.OfType<LogEntry.Started>(), started => started.Attempt == 1 && started.Stage >= Stage.ProvisionProduction);
        AssertOneAfterTheOther(history);
        await released.GoneAsync(id, 1);
        Assert.Equal($"200 version {branch}-2", await TestDelivery.AskAsync(_delivery.StagingPort));
        Assert.Equal($"200 version {branch}-2", await TestDelivery.AskAsync(_delivery.ProductionPort));
    }

    [Theory]
    [InlineData(Stage.ProvisionProduction)]
    [InlineData(Stage.Promote)]
    [InlineData(Stage.Watch)]
    [InlineData(Stage.Finish)]
    public async Task A_push_once_production_is_touched_waits_for_the_end_of_the_attempt(Stage stage)
    {
        var branch = $"late-{stage}";
        var id = await _delivery.OpenAsync(branch, ReleasedDelivery.Plain($"{branch}-1"));
        await released.ReachAsync(id, Stage.Approval);
        using (await released.BusyAsync())
        {
            await _delivery.UntilAnsweringAsync(id, view => view.Outcome is not null || ReleasedDelivery.Status(view, stage) != "pending");
            await _delivery.Repository.PushAsync(branch, ReleasedDelivery.Plain($"{branch}-2"));
            await UntilOpenedAsync(id, 2);
        }
        var view = await SecondAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        var history = await _delivery.HistoryAsync(id);
        Assert.DoesNotContain(history, entry => entry is LogEntry.CancelRequested { Attempt: 1 });
        // What was pushed was not approved: it is not released where it was seen in time, and it is never merged.
        Assert.True(ClosedOf(history, 1).Outcome is Outcome.FinishedNotMerged or Outcome.Refused, $"{ClosedOf(history, 1)}");
        AssertOneAfterTheOther(history);
        Assert.Equal($"200 version {branch}-2", await TestDelivery.AskAsync(_delivery.ProductionPort));
    }

    [Fact]
    public async Task Another_change_that_was_merged_meanwhile_opens_a_new_attempt()
    {
        var id = await _delivery.OpenAsync("overtaken", ("other.txt", "overtaken\n"));
        await released.ReachAsync(id, Stage.Approval);
        await released.DeliverAsync("overtaking");
        var view = await SecondAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        var history = await _delivery.HistoryAsync(id);
        Assert.Equal(Outcome.Superseded, ClosedOf(history, 1).Outcome);
        var opened = history.OfType<LogEntry.AttemptOpened>().ToList();
        Assert.Equal(opened[0].Head, opened[1].Head);
        Assert.NotEqual(opened[0].Base, opened[1].Base);
        Assert.Equal("200 version overtaking", await TestDelivery.AskAsync(_delivery.ProductionPort));
    }

    [Fact]
    public async Task A_base_that_moves_right_before_the_promotion_opens_a_new_attempt_however_it_is_noticed()
    {
        var id = await _delivery.OpenAsync("hurried", ReleasedDelivery.Plain("hurried"));
        var question = await released.QuestionAsync(id, Stage.Approval);
        await _delivery.Repository.PushAsync("main", ("notes.txt", "moved\n"));
        try
        {
            await _delivery.DecideAsync(question, approved: true);
        }
        catch (RefusedException withdrawn) when (withdrawn.Reason.Code == "approval.unknown")
        {
            // The watch was faster, and the question is gone with its attempt.
        }
        var view = await SecondAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        var first = ClosedOf(await _delivery.HistoryAsync(id), 1);
        Assert.True(first is { Outcome: Outcome.Superseded } or { Outcome: Outcome.Refused, Code: Codes.BaseMoved }, $"{first}");
        await released.GoneAsync(id, 1);
    }

    private Task<DeploymentView> SecondAsync(string id) =>
        _delivery.UntilAnsweringAsync(id, view => view is { Attempt: 2, Outcome: not null }, request => request.Attempt == 2 ? true : null);

    private async Task UntilOpenedAsync(string id, int attempt)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!(await _delivery.HistoryAsync(id)).Any(entry => entry is LogEntry.AttemptOpened && entry.Attempt == attempt))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(25),
                $"The push was not noticed:\n{TestDelivery.Describe(await _delivery.GetAsync(id))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static LogEntry.Closed ClosedOf(LogEntry[] history, int attempt) => history.OfType<LogEntry.Closed>().First(closed => closed.Attempt == attempt);

    private static void AssertOneAfterTheOther(LogEntry[] history) => Assert.True(
        Array.FindIndex(history, entry => entry is LogEntry.Closed { Attempt: 1 }) < Array.FindIndex(history, entry =>
            entry is LogEntry.Started { Attempt: 2 }),
        "The second attempt began before the first had ended.");
}
