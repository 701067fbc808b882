using System.Diagnostics;
using Maestro.Outside;

namespace Maestro.Edge;

public sealed class CrashTests
{
    private const int Switches = 150;
    private const int Kills = 6;

    [Fact]
    public async Task Killed_at_any_moment_the_edge_carries_out_every_switch_exactly_once()
    {
        await using var home = EdgeHome.OfProcess();
        await using var blue = await Backend.StartAsync("blue");
        var done = 0;
        var switching = Task.Run(async () =>
        {
            for (; Volatile.Read(ref done) < Switches; Interlocked.Increment(ref done))
            {
                await InsistAsync(home, done + 1, blue.Address);
            }
        }, TestContext.Current.CancellationToken);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = kill * Switches / (Kills + 1);
            await Until.HoldsAsync($"{enough} switches are done", () => switching.IsCompleted || Volatile.Read(ref done) >= enough);
            await KillAsync(home);
        }
        await switching;

        var switched = home.Journal.Where(line => line.Outcome == "switched").ToArray();
        Assert.Equal(Enumerable.Range(1, Switches).Select(Effect), switched.Select(line => line.Target));
        Assert.Equal(Enumerable.Range(0, Switches).Select(Effect), switched.Select(line => line.Found));
        Assert.Equal(new(Effect(Switches), blue.Address, Switches), await home.ReadAsync());
    }

    private static string? Effect(int number) => number == 0 ? null : $"effect {number}";

    // An edge that dies gives no answer, and whoever asked asks again.
    private static async Task InsistAsync(EdgeHome home, int number, Uri address)
    {
        while (true)
        {
            try
            {
                await home.SwitchAsync(number, Effect(number - 1), Effect(number), address);
                return;
            }
            catch (OutsideException e) when (e.Reason.Code == "edge.unreachable")
            {
                Assert.False(TestContext.Current.CancellationToken.IsCancellationRequested);
            }
        }
    }

    private static async Task KillAsync(EdgeHome home)
    {
        var ping = await home.Client.PingAsync(TestContext.Current.CancellationToken);
        using var edge = Process.GetProcessById(ping.Process);
        edge.Kill();
        await edge.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
