using System.Diagnostics;
using Maestro.Support;

namespace Maestro.Telemetry;

/// <summary>Prometheus' own checker.</summary>
internal static class Promtool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static string Folder => Path.Combine(Fixtures.Root, "infra", "observability");

    /// <summary>Runs it and returns its exit code and all that it said. Skips the calling test where it is not installed.</summary>
    public static async Task<(int Code, string Said)> RunAsync(string input, params string[] arguments)
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "promtool"))),
            "promtool is not installed; Debian has it in the package prometheus.");
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        })!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var text = string.Join('\n', await said.WaitAsync(Patience, TimeProvider.System));
        await process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        return (process.ExitCode, text);
    }
}
