using System.Diagnostics;
using System.Globalization;
using Maestro.Custody;
using Maestro.Hosting;
using Maestro.Outside;

namespace Maestro.Edge;

public sealed class ProcessTests
{
    private const string Blue = "pr/local/acme/shop/1/a1/Promote";

    [Fact]
    public async Task A_killed_edge_is_started_again_and_serves_what_it_served()
    {
        await using var home = EdgeHome.OfProcess();
        await using var blue = await Backend.StartAsync("blue");
        await home.SwitchAsync(3, null, Blue, blue.Address);
        Assert.Equal("200 blue 1 0", await home.VisitAsync());
        var first = await PingAsync(home);

        await KillAsync(first);

        Assert.Equal(new(Blue, blue.Address, 3), await home.ReadAsync());
        Assert.Equal("200 blue 2 0", await home.VisitAsync("2"));
        Assert.NotEqual(first, await PingAsync(home));
    }

    [Fact]
    public async Task Silos_that_race_to_start_the_edge_end_with_one()
    {
        await using var home = EdgeHome.OfProcess();
        using var other = new EdgeClient(home.Place.Path, home.Custody.Keys, SelfCommand.Current, TimeProvider.System)
        {
            AnswerWithin = TimeSpan.FromSeconds(30),
            StartWithin = TimeSpan.FromSeconds(60),
        };

        var edges = await Task.WhenAll(
            home.Client.PingAsync(TestContext.Current.CancellationToken), other.PingAsync(TestContext.Current.CancellationToken));

        Assert.Equal(edges[0], edges[1]);
        Assert.NotEqual(Environment.ProcessId, edges[0].Process);
    }

    [Fact]
    public async Task An_edge_that_has_not_answered_ends_with_the_silo_that_started_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It starts a shell script.");
        var place = EdgeFolder.Of(Directory.CreateTempSubdirectory("edge-").FullName);
        var (silent, number) = (Path.Combine(place.Path, "silent"), Path.Combine(place.Path, "number"));
        await File.WriteAllTextAsync(silent, $"#!/bin/sh\necho $$ > {number}.new\nmv {number}.new {number}\nexec sleep 600\n",
            TestContext.Current.CancellationToken);
        File.SetUnixFileMode(silent, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var custody = new TestCustody();
        var client = new EdgeClient(place.Path, custody.Keys, new SelfCommand(silent, []), TimeProvider.System) { StartWithin = TimeSpan.FromMinutes(10) };

        var call = client.PingAsync(TestContext.Current.CancellationToken);
        await Until.HoldsAsync("the edge runs", () => File.Exists(number));
        var edge = int.Parse(await File.ReadAllTextAsync(number, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
        client.Dispose();

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(edge));
        await Assert.ThrowsAnyAsync<Exception>(() => call);
        Directory.Delete(place.Path, recursive: true);
    }

    [Fact]
    public async Task An_edge_whose_folder_is_gone_when_it_comes_up_ends_and_makes_none()
    {
        await using var home = EdgeHome.OfProcess();
        var gone = Path.Combine(home.Place.Path, "gone");

        using var late = Start(EdgeFolder.Of(gone), home.Custody, detached: true);
        await late.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(0, late.ExitCode);
        Assert.False(Directory.Exists(gone));
    }

    [Fact]
    public async Task The_edge_has_a_session_and_an_output_of_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It reads /proc.");
        await using var home = EdgeHome.OfProcess();

        var edge = await PingAsync(home);

        Assert.Equal(edge, SessionOf(edge));
        Assert.Equal(home.Place.Log, new FileInfo($"/proc/{edge}/fd/1").LinkTarget);
        Assert.Equal(home.Place.Log, new FileInfo($"/proc/{edge}/fd/2").LinkTarget);
        Assert.Equal("/dev/null", new FileInfo($"/proc/{edge}/fd/0").LinkTarget);
    }

    [Fact]
    public async Task An_edge_that_a_person_starts_stays_with_its_terminal_and_ends_on_request()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It reads /proc.");
        await using var home = EdgeHome.OfProcess();
        using var edge = Start(home);
        await Until.HoldsAsync("the edge has its socket", () => File.Exists(home.Place.Socket));

        Assert.Equal(edge.Id, await PingAsync(home));
        Assert.NotEqual(edge.Id, SessionOf(edge.Id));
        await home.Client.ShutDownAsync(TestContext.Current.CancellationToken);

        await edge.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, edge.ExitCode);
    }

    [Fact]
    public async Task The_edge_inherits_no_credential_of_the_silo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It reads /proc.");
        Environment.SetEnvironmentVariable("MAESTRO_TEST_CREDENTIAL", "unwanted");
        await using var home = EdgeHome.OfProcess();
        var edge = await PingAsync(home);

        Assert.DoesNotContain("MAESTRO_TEST_CREDENTIAL", await EnvironmentOfAsync(edge), StringComparison.Ordinal);
        // An ordinary child has it, so the edge could have.
        using var ordinary = Start(home);
        Assert.Contains("MAESTRO_TEST_CREDENTIAL", await EnvironmentOfAsync(ordinary.Id), StringComparison.Ordinal);
        await ordinary.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_second_edge_says_that_one_runs_and_ends()
    {
        await using var home = EdgeHome.OfProcess();
        await PingAsync(home);

        using var second = Start(home);
        var said = await second.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await second.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EdgeServer.AlreadyRuns, second.ExitCode);
        Assert.StartsWith("One edge serves a data folder.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_that_cannot_start_says_why()
    {
        await using var home = EdgeHome.OfProcess();
        await File.WriteAllTextAsync(home.Place.Routes, "{", TestContext.Current.CancellationToken);

        var broke = await Assert.ThrowsAsync<OutsideException>(home.ReadAsync);

        Assert.Equal("edge.unreachable", broke.Reason.Code);
        Assert.Contains("The edge serves only what its routing file says for certain.", broke.Reason.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_edge_is_unreachable_and_not_started_twice()
    {
        await using var home = EdgeHome.OfProcess();
        var edge = await PingAsync(home);
        using var hasty = new EdgeClient(home.Place.Path, home.Custody.Keys, SelfCommand.Current, TimeProvider.System)
        {
            AnswerWithin = TimeSpan.FromMilliseconds(300),
        };
        await SignalAsync("STOP", edge);

        var broke = await Assert.ThrowsAsync<OutsideException>(
            () => hasty.ReadAsync(EdgeHome.Production, TestContext.Current.CancellationToken));
        await SignalAsync("CONT", edge);

        Assert.Equal("edge.unreachable", broke.Reason.Code);
        Assert.Equal(edge, await PingAsync(home));
    }

    private static async Task<int> PingAsync(EdgeHome home) => (await home.Client.PingAsync(TestContext.Current.CancellationToken)).Process;

    private static Process Start(EdgeHome home) => Start(home.Place, home.Custody, detached: false);

    private static Process Start(EdgeFolder place, TestCustody custody, bool detached)
    {
        var start = new ProcessStartInfo(SelfCommand.Current.Program) { RedirectStandardError = true };
        foreach (var argument in SelfCommand.Current.Arguments.AddRange(
            "edge", "--data", place.Path, "--keys", custody.Keys, "--root", custody.Root))
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment[Detachment.Variable] = detached ? "1" : "0";
        return Process.Start(start)!;
    }

    private static async Task KillAsync(int id)
    {
        using var edge = Process.GetProcessById(id);
        edge.Kill();
        await edge.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static async Task SignalAsync(string signal, int id)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static Task<string> EnvironmentOfAsync(int id) =>
        File.ReadAllTextAsync($"/proc/{id}/environ", TestContext.Current.CancellationToken);

    // The sixth field; the second is a name in brackets that may have blanks.
    private static int SessionOf(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture);
    }
}
