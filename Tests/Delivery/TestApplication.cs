using System.Diagnostics;
using Maestro.Support;

namespace Maestro.Delivery;

/// <summary>The application that the tests deliver, compiled once for a whole run. What it does is a settings file, so its changes build in no time.</summary>
internal static class TestApplication
{
    private static readonly Lazy<Task<string>> Built = new(BuildAsync);

    /// <summary>The folder with the compiled application.</summary>
    public static Task<string> FolderAsync() => Built.Value;

    private static async Task<string> BuildAsync()
    {
        var folder = Directory.CreateTempSubdirectory("maestro-served-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var source = Path.Combine(Fixtures.Root, "Tests", "Delivery", "Application");
        foreach (var file in Directory.EnumerateFiles(source, "*.txt"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileNameWithoutExtension(file)));
        }
        var start = new ProcessStartInfo("dotnet", ["build", "Served.csproj", "--nologo", "-v", "q", "-c", "Release", "-o", "out", "-nodeReuse:false"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, $"The application that the tests deliver does not build: {output}");
        return Path.Combine(folder, "out");
    }
}
