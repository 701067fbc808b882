using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Edge;

public sealed class RestartTests
{
    private const string Blue = "pr/local/acme/shop/1/a1/Promote";
    private const string Green = "pr/local/acme/shop/2/a1/Promote";

    [Fact]
    public async Task A_restarted_edge_serves_what_it_served_and_remembers_the_token()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(9, null, Blue, blue.Address);

        await home.StopAsync();
        await home.StartAsync();

        Assert.Equal("200 blue 1 0", await home.VisitAsync());
        Assert.Equal(new(Blue, blue.Address, 9), await home.ReadAsync());
        var refused = await Assert.ThrowsAsync<RefusedException>(() => home.SwitchAsync(8, Blue, null, null));
        Assert.Equal("edge.token-old", refused.Reason.Code);
    }

    [Theory]
    [InlineData("cut in half")]
    [InlineData("empty")]
    [InlineData("another address")]
    [InlineData("a lower token")]
    [InlineData("null")]
    public async Task A_damaged_routing_file_is_never_served(string damage)
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(9, null, Blue, blue.Address);
        await home.StopAsync();
        var sound = await File.ReadAllTextAsync(home.Place.Routes, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(home.Place.Routes, damage switch
        {
            "cut in half" => sound[..(sound.Length / 2)],
            "empty" => "",
            "another address" => sound.Replace($":{blue.Address.Port}/", ":9/", StringComparison.Ordinal),
            "a lower token" => sound.Replace("\"token\":9", "\"token\":1", StringComparison.Ordinal),
            _ => "null",
        }, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<RefusedException>(home.StartAsync);
        Assert.Equal("edge.routes-damaged", refused.Reason.Code);

        await File.WriteAllTextAsync(home.Place.Routes, sound, TestContext.Current.CancellationToken);
        await home.StartAsync();
        Assert.Equal("200 blue 1 0", await home.VisitAsync());
    }

    [Fact]
    public async Task An_older_routing_file_is_told_from_the_journal_and_refused()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(1, null, Blue, blue.Address);
        var older = await File.ReadAllTextAsync(home.Place.Routes, TestContext.Current.CancellationToken);
        await home.SwitchAsync(2, Blue, Green, blue.Address);
        await home.StopAsync();
        await File.WriteAllTextAsync(home.Place.Routes, older, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<RefusedException>(home.StartAsync);
        Assert.Equal("edge.routes-damaged", refused.Reason.Code);

        // Without the journal there is nothing to tell it by.
        File.Delete(home.Place.Journal);
        await home.StartAsync();
        Assert.Equal(Blue, (await home.ReadAsync()).Effect);
    }

    [Fact]
    public async Task A_switch_whose_line_was_lost_with_the_process_gets_it_at_the_next_start()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(1, null, Blue, blue.Address);
        await home.SwitchAsync(2, Blue, Green, blue.Address);
        await home.StopAsync();
        var lines = await File.ReadAllLinesAsync(home.Place.Journal, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(home.Place.Journal, lines[0] + "\n" + lines[1][..20], TestContext.Current.CancellationToken);

        await home.StartAsync();
        await home.StopAsync();
        await home.StartAsync();

        Assert.Equal([Blue, Green], home.Journal.Select(line => line.Target));
    }

    [Fact]
    public async Task A_port_that_a_stranger_took_meanwhile_is_opened_when_it_is_free_and_the_others_serve()
    {
        await using var home = await EdgeHome.HostAsync();
        await using var blue = await Backend.StartAsync("blue");
        var staging = Ports.Free();
        await home.SwitchAsync(1, null, Blue, blue.Address);
        await home.Client.SwitchAsync(new("shop", "staging"), staging, 1, null, Green, blue.Address, null, TestContext.Current.CancellationToken);
        await home.StopAsync();
        using (var stranger = new TcpListener(IPAddress.Loopback, staging))
        {
            stranger.Start();
            await home.StartAsync();
            Assert.Equal("200 blue 1 0", await home.VisitAsync());
            Assert.False((await ListAsync(home))["env/shop/staging"].Listening);
        }
        await Until.HoldsAsync("staging listens", async () => (await ListAsync(home))["env/shop/staging"].Listening);
    }

    [Fact]
    public async Task One_folder_has_one_edge()
    {
        await using var home = await EdgeHome.HostAsync();

        var refused = await Assert.ThrowsAsync<RefusedException>(() => EdgeServer.StartAsync(
            home.Place, new EdgeRules(), new LeaseGate(() => home.Custody.Keyring, TimeProvider.System), TimeProvider.System,
            NullLoggerFactory.Instance));

        Assert.Equal("edge.already-running", refused.Reason.Code);
        Assert.Equal(Environment.ProcessId, (await home.Client.PingAsync(TestContext.Current.CancellationToken)).Process);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task The_edge_s_files_are_the_owner_s_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes are Unix's.");
        await using var home = await EdgeHome.HostAsync();
        await home.SwitchAsync(1, null, Blue, new Uri("http://127.0.0.1:9/"));

        string[] files = [home.Place.Socket, home.Place.Routes, home.Place.Journal, home.Place.Lock];

        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void The_journal_is_bounded_and_keeps_one_older_file()
    {
        var place = EdgeFolder.Of(Directory.CreateTempSubdirectory("edge-").FullName);
        try
        {
            using (var journal = new EdgeJournal(place, limit: 1000))
            {
                for (var n = 1; n <= 50; n++)
                {
                    journal.Append(new(DateTimeOffset.UnixEpoch, "env/shop/production", n, n, null, null, Blue, "switched"));
                }
                Assert.Equal(50, journal.Switches()["env/shop/production"]);
            }
            Assert.All(Directory.GetFiles(place.Path), file => Assert.InRange(new FileInfo(file).Length, 1, 1500));
            Assert.Equal(2, Directory.GetFiles(place.Path).Length);
        }
        finally
        {
            Directory.Delete(place.Path, recursive: true);
        }
    }

    [Fact]
    public async Task A_request_that_is_no_request_is_refused_and_the_edge_goes_on()
    {
        await using var home = await EdgeHome.HostAsync();
        var wrong = await Assert.ThrowsAsync<RefusedException>(() => home.Client.SwitchAsync(
            new("shop", "../../etc"), home.Port, 1, null, Blue, new("http://127.0.0.1:9/"), null, TestContext.Current.CancellationToken));

        Assert.Equal("edge.bad-request", wrong.Reason.Code);
        Assert.Empty(await home.Client.ListAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<Dictionary<string, RouteLine>> ListAsync(EdgeHome home) =>
        (await home.Client.ListAsync(TestContext.Current.CancellationToken)).ToDictionary(line => line.Environment);
}
