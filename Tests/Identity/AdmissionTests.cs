using Maestro.Deployments;
using Orleans.Runtime;

namespace Maestro.Identity;

public sealed class AdmissionTests
{
    [Fact]
    public async Task Explore()
    {
        await using var cluster = await Cluster.StartAsync();
        var anna = await cluster.ConnectAsync("anna");
        var probe = anna.GetGrain<IProbeGrain>("probe/1");
        Console.WriteLine(await probe.LookAsync());
        Console.WriteLine(await probe.RelayAsync());
        await probe.ArmAsync();
        await probe.PublishAsync("hi");
        for (var i = 0; i < 50; i++)
        {
            await Task.Delay(100, TimeProvider.System, TestContext.Current.CancellationToken);
            var t = await probe.TracesAsync();
            if (t.Count >= 3) { break; }
        }
        foreach (var t in await probe.TracesAsync()) { Console.WriteLine("TRACE " + t); }
        try { await foreach (var x in probe.CountAsync()) { Console.WriteLine(x); } } catch (Exception e) { Console.WriteLine("ENUM " + e.GetType() + e.Message); }
        try { await anna.GetGrain<IManagementGrain>(0).GetHosts(); } catch (Exception e) { Console.WriteLine("MGMT " + e.GetType() + e.Message); }
        foreach (var d in cluster.Denials.All) { Console.WriteLine(d); }
    }
}
