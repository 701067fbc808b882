using Maestro.Deployments;

namespace Maestro.Edge;

public sealed class SwitchTests
{
    private const string Blue = "pr/local/acme/shop/1/a1/Promote";
    private const string Green = "pr/local/acme/shop/2/a1/Promote";

    [Fact]
    public async Task An_unknown_environment_serves_nothing()
    {
        await using var home = await EdgeHome.HostAsync();

        Assert.Equal(new(null, null, 0), await home.ReadAsync());
        Assert.Equal(0, await home.InFlightAsync(Blue));
    }

    [Fact]
    public async Task A_switch_sends_users_to_the_new_release()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await using var green = await Backend.StartAsync("green");

        var first = await home.SwitchAsync(1, null, Blue, blue.Address);
        var before = await home.VisitAsync();
        await home.SwitchAsync(2, Blue, Green, green.Address);

        Assert.Equal(new(Blue, blue.Address, 1), first);
        Assert.Equal("200 blue 1 0", before);
        Assert.Equal("200 green 1 0", await home.VisitAsync());
        Assert.Equal(new(Green, green.Address, 2), await home.ReadAsync());
        Assert.Equal($"127.0.0.1:{home.Port}", green.Headers["X-Forwarded-Host"]);
        Assert.Equal(["switched", "switched"], home.Journal.Select(line => line.Outcome));
    }

    [Fact]
    public async Task Asking_again_for_what_is_served_is_success_and_switches_nothing()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(1, null, Blue, blue.Address);

        var again = await home.SwitchAsync(5, null, Blue, blue.Address);

        Assert.Equal(new(Blue, blue.Address, 5), again);
        Assert.Equal(["switched", "already"], home.Journal.Select(line => line.Outcome));
        Assert.Equal([1L, 1L], home.Journal.Select(line => line.Number));
        Assert.Equal(home.Journal[0].Time, (await home.WholeAsync()).SwitchedAt);
        await Refusal.OfAsync("edge.token-old", home.SwitchAsync(4, Blue, null, null));
    }

    [Fact]
    public async Task An_instance_that_was_started_again_elsewhere_gets_its_traffic_back()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await using var again = await Backend.StartAsync("blue again");
        await home.SwitchAsync(1, null, Blue, blue.Address);

        await home.SwitchAsync(1, null, Blue, again.Address);

        Assert.Equal("200 blue again 1 0", await home.VisitAsync());
    }

    [Fact]
    public async Task An_old_token_switches_nothing()
    {
        await using var home = await EdgeHome.HostAsync();

        Assert.False(await OldTokenSwitchesAsync(home));
        Assert.Equal("token-old", home.Journal[^1].Outcome);
    }

    [Fact]
    public async Task Without_the_fence_an_old_token_switches()
    {
        await using var home = await EdgeHome.HostAsync(new OpenRules());

        Assert.True(await OldTokenSwitchesAsync(home));
    }

    [Fact]
    public async Task Switching_from_something_else_than_what_is_served_is_refused_and_says_what_is()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await using var green = await Backend.StartAsync("green");
        await home.SwitchAsync(1, null, Blue, blue.Address);

        var reason = await Refusal.OfAsync("edge.not-expected", home.SwitchAsync(3, null, Green, green.Address));

        Assert.Equal("nothing", reason.Expected);
        Assert.Equal(Blue, reason.Found);
        Assert.Equal("200 blue 1 0", await home.VisitAsync());
        await Refusal.OfAsync("edge.token-old", home.SwitchAsync(2, Blue, Green, green.Address));
    }

    [Fact]
    public async Task Requests_under_way_at_the_old_release_end_there_and_are_counted()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await using var green = await Backend.StartAsync("green");
        await home.SwitchAsync(1, null, Blue, blue.Address);
        var slow = home.VisitAsync("7?hold");
        await Until.HoldsAsync("the slow request is at blue", () => blue.Seen.ContainsKey(7));

        await home.SwitchAsync(2, Blue, Green, green.Address);

        Assert.Equal("200 green 8 0", await home.VisitAsync("8"));
        Assert.Equal(1, await home.InFlightAsync(Blue));
        blue.Release();
        Assert.Equal("200 blue 7 0", await slow);
        await Until.HoldsAsync("nothing is under way at blue", async () => await home.InFlightAsync(Blue) == 0);
    }

    [Fact]
    public async Task Of_many_who_race_one_switches_and_the_journal_says_who()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(1, null, Blue, blue.Address);

        var racers = Enumerable.Range(0, 20).Select(n => WinsAsync(home.SwitchAsync(2, Blue, $"racer {n}", blue.Address))).ToArray();
        var won = await Task.WhenAll(racers);

        var winner = Assert.Single(home.Journal, line => line is { Outcome: "switched", Token: 2 });
        Assert.Equal(winner.Target, $"racer {Assert.Single(Enumerable.Range(0, 20), n => won[n])}");
        Assert.Equal(winner.Target, (await home.ReadAsync()).Effect);
        Assert.Equal(19, home.Journal.Count(line => line.Outcome == "not-expected" && line.Found == winner.Target));
    }

    private static async Task<bool> OldTokenSwitchesAsync(EdgeHome home)
    {
        await using var blue = await Backend.StartAsync("blue");
        await using var green = await Backend.StartAsync("green");
        await home.SwitchAsync(8, null, Blue, blue.Address);
        return await WinsAsync(home.SwitchAsync(7, Blue, Green, green.Address)) && await home.VisitAsync() == "200 green 1 0";
    }

    private static async Task<bool> WinsAsync(Task attempt)
    {
        try
        {
            await attempt;
            return true;
        }
        catch (RefusedException)
        {
            return false;
        }
    }
}
