using System.Diagnostics;

namespace Maestro.Demo;

/// <summary>A bare repository and a work tree beside it, made with the git command as a developer would.</summary>
internal sealed class DemoRepository(string folder)
{
    private readonly string _work = System.IO.Path.Combine(folder, "work");

    /// <summary>The bare repository that Maestro is registered for.</summary>
    public string Path => System.IO.Path.Combine(folder, "shop.git");

    /// <summary>Makes the repository with its first commit on <c>main</c>.</summary>
    public async Task CreateAsync(IReadOnlyDictionary<string, string> files, string email, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        await GitAsync(folder, ["init", "--quiet", "--bare", "--initial-branch=main", Path], cancellation);
        await GitAsync(folder, ["clone", "--quiet", Path, _work], cancellation);
        await GitAsync(_work, ["checkout", "--quiet", "-B", "main"], cancellation);
        await GitAsync(_work, ["config", "user.email", email], cancellation);
        await GitAsync(_work, ["config", "user.name", "demo author"], cancellation);
        await CommitAsync(files, "Say how the shop is built and run", cancellation);
        await GitAsync(_work, ["push", "--quiet", "origin", "main"], cancellation);
    }

    /// <summary>Pushes a branch with these files on top of what <c>main</c> is now.</summary>
    public async Task PushAsync(string branch, IReadOnlyDictionary<string, string> files, string message, CancellationToken cancellation)
    {
        await GitAsync(_work, ["fetch", "--quiet", "origin"], cancellation);
        await GitAsync(_work, ["checkout", "--quiet", "-B", branch, "origin/main"], cancellation);
        await CommitAsync(files, message, cancellation);
        await GitAsync(_work, ["push", "--quiet", "--force", "origin", branch], cancellation);
    }

    private async Task CommitAsync(IReadOnlyDictionary<string, string> files, string message, CancellationToken cancellation)
    {
        foreach (var (name, content) in files)
        {
            var path = System.IO.Path.Combine(_work, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, content, cancellation);
        }
        await GitAsync(_work, ["add", "--all"], cancellation);
        await GitAsync(_work, ["commit", "--quiet", "--message", message], cancellation);
    }

    private static async Task GitAsync(string folder, string[] arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("git", ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git did not start.");
        var errors = git.StandardError.ReadToEndAsync(cancellation);
        await git.StandardOutput.ReadToEndAsync(cancellation);
        await git.WaitForExitAsync(cancellation);
        if (git.ExitCode != 0)
        {
            throw new Connection.SentenceException($"git {arguments[0]} failed: {(await errors).Trim()}", Connection.ExitCode.Fault);
        }
    }
}
