using System.Diagnostics;
using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>
/// Production's users notice nothing. That requests are lost where the release before is not drained is shown by
/// <see cref="Edge.LoadTests.Stopping_the_old_release_without_draining_it_loses_requests"/>.
/// </summary>
[Collection(Alone.Name)]
public sealed class LoadTests
{
    /// <summary>Requests a second.</summary>
    private const int Rate = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task No_request_is_lost_while_a_release_is_promoted_and_rolled_back_and_the_silo_is_killed()
    {
        await using var delivery = await TestDelivery.StartAsync();
        await FinishAsync(delivery, await delivery.OpenAsync("one", ("settings.txt", "version=1\n")));
        var two = await delivery.OpenAsync("two", ("settings.txt", "version=2\n"));
        await delivery.UntilAsync(two, view => view.Stages.Any(stage => stage is { Stage: Stage.Approval, Status: "running" }));
        using var users = new LoadUsers(delivery.ProductionPort, Rate);
        users.Start();

        await SendAsync(users, 2);
        await FinishAsync(delivery, two);
        await SendAsync(users, 2);
        Assert.Equal("200 version 2", await TestDelivery.AskAsync(delivery.ProductionPort));
        await delivery.Reviewer.Grain<IDeploymentGrain>(two).CommandAsync(Command.RollBack, null);
        await delivery.UntilAsync(two, view => view.Outcome == Outcome.RolledBack);
        await SendAsync(users, 2);
        Assert.Equal("200 version 1", await TestDelivery.AskAsync(delivery.ProductionPort));
        await delivery.KillAsync();
        await SendAsync(users, 2);
        await delivery.StartSiloAsync();
        await SendAsync(users, 4);

        var elapsed = await users.StopAsync();
        Assert.Empty(users.Failures);
        Assert.True(users.Sent >= 0.9 * Rate * elapsed.TotalSeconds, $"Only {users.Sent} requests were sent in {elapsed}.");
        await SeenAsync(delivery, users.Sent);
    }

    private static async Task FinishAsync(TestDelivery delivery, string id)
    {
        var view = await delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
    }

    /// <summary>Waits until users have sent for so many seconds more.</summary>
    private static Task SendAsync(LoadUsers users, int seconds)
    {
        var enough = users.Sent + (seconds * Rate);
        return UntilAsync(() => users.Sent >= enough, () => $"Only {users.Sent} of {enough} requests were sent.");
    }

    // The application writes behind its answers, so its log may be a moment late.
    private static async Task SeenAsync(TestDelivery delivery, int sent)
    {
        // Every instance has a log of its own: two that append to one file would write over each other.
        var logs = Path.Combine(delivery.Data, "work", "state", $"{TestDelivery.Application}-production");
        string[] Lines() => [.. Directory.EnumerateFiles(logs, "requests-*.log").SelectMany(ReadLines)];
        await UntilAsync(() => Lines().Length >= sent, () => $"{Lines().Length} of {sent} requests are in the application's logs.");
        var seen = Lines();
        Assert.Equal(Enumerable.Range(0, sent).Select(LoadUsers.IdOf).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    private static string[] ReadLines(string log)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task UntilAsync(Func<bool> so, Func<string> otherwise)
    {
        var began = Stopwatch.GetTimestamp();
        while (!so())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, otherwise());
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
