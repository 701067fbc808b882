using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Screen;

namespace Maestro.Demo;

/// <summary><c>maestro demo</c> from its settings to its exit code: 0 only if every scenario ended as it must.</summary>
internal static class DemoEntry
{
    public static async Task<int> RunAsync(DemoSettings settings, Terminal terminal, TimeProvider time, CancellationToken cancellation)
    {
        if (settings.Running)
        {
            return await new DemoRun(settings, DemoPlace.Join(settings.Folder), terminal, time).RunAsync(cancellation) ? ExitCode.Done : ExitCode.Refused;
        }
        var place = DemoPlace.Prepare(settings.Folder);
        await using var silo = new DemoSilo(place.Data, time);
        var asExpected = false;
        try
        {
            var sandbox = SiloHost.HasSandbox();
            if (!sandbox && !settings.Json)
            {
                terminal.Say("bubblewrap is not installed, so the demo runs its builds without a sandbox.");
                terminal.Say("Outside a demo Maestro refuses that unless told otherwise.");
            }
            await silo.StartAsync(unsandboxed: !sandbox, cancellation);
            asExpected = await new DemoRun(settings, place, terminal, time).RunAsync(cancellation);
            return asExpected ? ExitCode.Done : ExitCode.Refused;
        }
        finally
        {
            await CleanUpAsync(settings, silo, terminal, asExpected);
        }
    }

    private static async Task CleanUpAsync(DemoSettings settings, DemoSilo silo, Terminal terminal, bool asExpected)
    {
        if (settings.Keep && asExpected)
        {
            silo.Release();
            return;
        }
        await silo.DisposeAsync();
        await SiloHost.EndAsync(Path.Combine(settings.Folder, "data"), CancellationToken.None);
        if (asExpected)
        {
            Directory.Delete(settings.Folder, recursive: true);
        }
        else if (!settings.Json)
        {
            terminal.Say($"What happened can be read in {settings.Folder}.");
        }
    }
}
