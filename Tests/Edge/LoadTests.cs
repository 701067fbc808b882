namespace Maestro.Edge;

public sealed class LoadTests
{
    [Fact]
    public async Task No_request_fails_and_none_is_lost_or_doubled_across_switches()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await using var green = await Backend.StartAsync("green");
        await home.SwitchAsync(0, null, "effect 0", blue.Address);
        var load = new Load(home.Front, home.Users);
        var running = load.RunAsync(TimeSpan.FromSeconds(8));

        for (var n = 1; n <= 5; n++)
        {
            var (next, seen) = n % 2 == 1 ? (green, green.Seen.Count) : (blue, blue.Seen.Count);
            await home.SwitchAsync(n, $"effect {n - 1}", $"effect {n}", next.Address);
            await Until.HoldsAsync("the new release is at work", () => running.IsCompleted || next.Seen.Count > seen + 300);
            await Until.HoldsAsync("the old one has nothing under way", async () => await home.InFlightAsync($"effect {n - 1}") == 0);
        }
        await blue.StopAsync();
        await running;

        Assert.Empty(load.Failures);
        Assert.InRange(load.Sent.Count, 3000, 4000);
        Assert.All(load.Sent, number => Assert.Equal(1, blue.Seen.GetValueOrDefault(number) + green.Seen.GetValueOrDefault(number)));
        Assert.True(blue.Seen.Count > 300 && green.Seen.Count > 300);
        Assert.Equal(6, home.Journal.Count(line => line.Outcome == "switched"));
    }

    [Fact]
    public async Task A_drained_release_can_be_stopped_without_loss() => Assert.Empty(await StopAfterSwitchAsync(drain: true));

    [Fact]
    public async Task Stopping_the_old_release_without_draining_it_loses_requests() =>
        Assert.NotEmpty(await StopAfterSwitchAsync(drain: false));

    private static async Task<IReadOnlyCollection<string>> StopAfterSwitchAsync(bool drain)
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await using var green = await Backend.StartAsync("green");
        await home.SwitchAsync(1, null, "blue", blue.Address);
        var load = new Load(home.Front, home.Users);
        var slow = Task.WhenAll(Enumerable.Range(0, 50).Select(number => load.VisitAsync(number, 2000)));
        await Until.HoldsAsync("all requests are at blue", () => blue.Seen.Count == 50 || slow.IsCompleted);

        await home.SwitchAsync(2, "blue", "green", green.Address);
        if (drain)
        {
            await Until.HoldsAsync("blue has nothing under way", async () => await home.InFlightAsync("blue") == 0);
        }
        await blue.AbortAsync();
        await slow;
        return load.Failures;
    }
}
