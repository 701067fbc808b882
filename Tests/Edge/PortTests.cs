using System.Net;
using System.Net.Sockets;
using Maestro.Hosting;

namespace Maestro.Edge;

public sealed class PortTests
{
    private const string Blue = "pr/local/acme/shop/1/a1/Promote";
    private const string Green = "pr/local/acme/shop/2/a1/Promote";

    [Fact]
    public async Task A_port_in_use_refuses_and_changes_nothing()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        using (var stranger = new TcpListener(IPAddress.Loopback, home.Port))
        {
            stranger.Start();
            var reason = await Refusal.OfAsync("edge.port-in-use", home.SwitchAsync(1, null, Blue, blue.Address));

            Assert.Contains($"{home.Port}", reason.WayOut, StringComparison.Ordinal);
            Assert.Equal(new(null, null, 0), await home.ReadAsync());
            Assert.False(File.Exists(home.Place.Routes));
        }
        await home.SwitchAsync(1, null, Blue, blue.Address);
        Assert.Equal("200 blue 1 0", await home.VisitAsync());
        Assert.Equal(["port-in-use", "switched"], home.Journal.Select(line => line.Outcome));
    }

    [Fact]
    public async Task Two_environments_cannot_have_one_port()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(1, null, Blue, blue.Address);

        var other = home.Client.SwitchAsync(
            new("shop", "staging"), home.Port, 1, null, Green, blue.Address, null, TestContext.Current.CancellationToken);

        Assert.Contains("env/shop/production", (await Refusal.OfAsync("edge.port-in-use", other)).Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_environment_can_move_to_another_port()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(1, null, Blue, blue.Address);
        var port = Ports.Free();

        await home.Client.SwitchAsync(
            EdgeHome.Production, port, 1, Blue, Blue, blue.Address, home.Lend(1, Blue, port), TestContext.Current.CancellationToken);

        var moved = new Uri($"http://127.0.0.1:{port}/1");
        Assert.Equal("blue 1 0", await home.Users.GetStringAsync(moved, TestContext.Current.CancellationToken));
        await Until.HoldsAsync("the old port is closed", async () =>
        {
            try
            {
                await home.VisitAsync();
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        });
    }

    [Fact]
    public async Task Where_nothing_is_served_the_port_says_so()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(1, null, Blue, blue.Address);

        await home.SwitchAsync(2, Blue, null, null);

        Assert.Equal("503 Nothing is released here yet.\n", await home.VisitAsync());
        Assert.Equal(new(null, null, 2), await home.ReadAsync());
    }

    [Fact]
    public async Task A_release_that_does_not_answer_is_a_bad_gateway()
    {
        await using var home = await EdgeHome.HostAsync();

        await home.SwitchAsync(1, null, Blue, new Uri($"http://127.0.0.1:{Ports.Free()}/"));

        Assert.Equal("502 The release does not answer: ConnectionRefused.\n", await home.VisitAsync());
    }

    [Theory]
    [InlineData("http://192.0.2.1/")]
    [InlineData("http://example.com/")]
    [InlineData("http://127.0.0.1.example.com/")]
    [InlineData("https://127.0.0.1:5001/")]
    [InlineData("http://127.0.0.1:5001/path")]
    [InlineData("http://user@127.0.0.1:5001/")]
    public async Task Traffic_never_leaves_the_machine(string address)
    {
        await using var home = await EdgeHome.HostAsync();

        await Refusal.OfAsync("edge.bad-request", home.SwitchAsync(1, null, Blue, new Uri(address)));

        Assert.Null((await home.ReadAsync()).Address);
    }

    [Fact]
    public async Task Without_the_rule_traffic_would_leave_the_machine()
    {
        await using var home = await EdgeHome.HostAsync(new OpenRules());

        Assert.Equal(new Uri("http://192.0.2.1/"), (await home.SwitchAsync(1, null, Blue, new Uri("http://192.0.2.1/"))).Address);
    }

    [Fact]
    public async Task The_edge_does_not_send_traffic_to_itself()
    {
        await using var home = await EdgeHome.HostAsync();

        await Refusal.OfAsync("edge.bad-request", home.SwitchAsync(1, null, Blue, home.Front));
    }
}
