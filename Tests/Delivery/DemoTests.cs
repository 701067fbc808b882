using System.Diagnostics;
using System.Text.Json;
using Maestro.Hosting;

namespace Maestro.Delivery;

/// <summary><c>maestro demo</c> as a person starts it. It is measured, so it runs alone.</summary>
[Collection(Alone.Name)]
public sealed class DemoTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_demo_ends_as_it_must_twice_in_a_row_and_leaves_nothing()
    {
        var home = Directory.CreateTempSubdirectory("maestro-demo-test-").FullName;
        try
        {
            await PlayAsync(home);
            await PlayAsync(home);
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private static async Task PlayAsync(string home)
    {
        var folder = Path.Combine(home, "demo");
        var started = TimeProvider.System.GetTimestamp();
        var (code, output, errors) = await RunAsync(home, folder);
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(code == 0, $"exit code {code}\n{output}\n{errors}");
        AssertLines(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(took < Limit, $"The demo took {took.TotalSeconds:F0} s.");
        Assert.False(Directory.Exists(folder), "The demo's folder is still there.");
        Assert.Empty(ProcessesOf(folder));
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string home, string folder)
    {
        var self = SelfCommand.Current;
        var start = new ProcessStartInfo(self.Program, [.. self.Arguments, "demo", "--yes", "--json", "--data", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = home;
        start.Environment["XDG_CONFIG_HOME"] = Path.Combine(home, "config");
        using var demo = Process.Start(start)!;
        var errors = demo.StandardError.ReadToEndAsync();
        var output = demo.StandardOutput.ReadToEndAsync();
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(5), TimeProvider.System,
            TestContext.Current.CancellationToken);
        return (demo.ExitCode, await output, await errors);
    }

    private static void AssertLines(string[] lines)
    {
        var objects = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(4, objects.Count);
        Assert.Equal(
            [("good", "finished"), ("hostile", "refused"), ("bad-release", "rolled-back")],
            objects.Take(3).Select(line => (line.GetProperty("scenario").GetString()!, line.GetProperty("outcome").GetString()!)));
        Assert.All(objects.Take(3), line => Assert.Equal(
            ["scenario", "deployment", "outcome", "stage", "seconds"], line.EnumerateObject().Select(property => property.Name)));
        Assert.Equal("Review", objects[1].GetProperty("stage").GetString());
        Assert.All(objects.Take(3), line => Assert.True(line.GetProperty("seconds").GetDouble() > 0));
        Assert.Equal(["audit", "entries"], objects[3].EnumerateObject().Select(property => property.Name));
        Assert.Equal("verified", objects[3].GetProperty("audit").GetString());
        Assert.True(objects[3].GetProperty("entries").GetInt32() > 0);
    }

    private static List<string> ProcessesOf(string folder)
    {
        var found = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                if (command.Contains(folder, StringComparison.Ordinal)
                    || File.ReadAllText(Path.Combine(process, "environ")).Contains(folder, StringComparison.Ordinal))
                {
                    found.Add($"{Path.GetFileName(process)} {command}");
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or it is somebody else's.
            }
        }
        return found;
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "the demo";
}
