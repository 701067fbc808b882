using System.Diagnostics;

namespace Maestro.Delivery;

/// <summary>A bare repository with the test application on <c>main</c>, and a work tree to push from.</summary>
internal sealed class TestRepository(string folder)
{
    public const string AuthorEmail = "author@maestro.example";

    private string Work => System.IO.Path.Combine(folder, "work");

    public string Path => System.IO.Path.Combine(folder, "served.git");

    /// <param name="manifest">Replaces parts of the manifest, such as the watch window.</param>
    public async Task CreateAsync(Func<string, string>? manifest = null)
    {
        Directory.CreateDirectory(folder);
        await GitAsync(folder, "init", "--quiet", "--bare", "--initial-branch=main", Path);
        await GitAsync(folder, "clone", "--quiet", Path, Work);
        await GitAsync(Work, "checkout", "--quiet", "-B", "main");
        await GitAsync(Work, "config", "user.email", AuthorEmail);
        await GitAsync(Work, "config", "user.name", "author");
        Directory.CreateDirectory(System.IO.Path.Combine(Work, "app"));
        foreach (var file in Directory.EnumerateFiles(await TestApplication.FolderAsync()))
        {
            File.Copy(file, System.IO.Path.Combine(Work, "app", System.IO.Path.GetFileName(file)));
        }
        await WriteAsync("build.sh", "set -eu\nmkdir -p out\ncp app/* out/\ncp settings.txt out/\n");
        await WriteAsync("test.sh", "set -eu\ntest -s settings.txt\n");
        await WriteAsync("settings.txt", "version=0\n");
        await WriteAsync("maestro.yaml", (manifest ?? (text => text))(Manifest));
        await CommitAsync("Begin");
        await GitAsync(Work, "push", "--quiet", "origin", "main");
    }

    /// <summary>Pushes a branch made of <c>main</c> as it is now and these files.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> PushAsync(string branch, params (string Path, string Content)[] files)
    {
        await GitAsync(Work, "fetch", "--quiet", "origin");
        await GitAsync(Work, "checkout", "--quiet", "-B", branch, "origin/main");
        foreach (var (path, content) in files)
        {
            await WriteAsync(path, content);
        }
        await CommitAsync($"Change {branch}");
        await GitAsync(Work, "push", "--quiet", "--force", "origin", branch);
        return (await GitAsync(Work, "rev-parse", "HEAD")).Trim();
    }

    public async Task<string> TipAsync(string branch) => (await GitAsync(Path, "rev-parse", branch)).Trim();

    public static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-c", "commit.gpgsign=false", .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using var git = Process.Start(start)!;
        var errors = git.StandardError.ReadToEndAsync();
        var output = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        Assert.True(git.ExitCode == 0, $"git {string.Join(' ', arguments)}: {await errors}");
        return output;
    }

    private async Task CommitAsync(string message)
    {
        await GitAsync(Work, "add", "--all");
        await GitAsync(Work, "commit", "--quiet", "--allow-empty", "--message", message);
    }

    private async Task WriteAsync(string path, string content)
    {
        var full = System.IO.Path.Combine(Work, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        await File.WriteAllTextAsync(full, content);
    }

    public string Manifest { get; } = """
        version: 1
        application: served
        build:
          command: [sh, build.sh]
          output: out
        test:
          command: [sh, test.sh]
        run:
          command: [dotnet, Served.dll]
        health:
          - path: /healthz
            body: ok
            interval: 200ms
            deadline: 20s
        infrastructure:
          directory: infrastructure
          engine: local
        watch:
          window: 2s
          failures: 2

        """;
}
