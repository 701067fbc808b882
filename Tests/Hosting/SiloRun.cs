using System.Diagnostics;
using Maestro.Commands;

namespace Maestro.Hosting;

/// <summary>One run of <c>maestro up</c> or <c>maestro silo</c> as a process, with what it said.</summary>
internal sealed class SiloRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;

    private SiloRun(Process process) => _process = process;

    public static SiloRun Start(string data) => Start([], ["up", "--data", data, "--quiet", "--unsandboxed"], null);

    /// <summary>A silo of a cluster.</summary>
    /// <param name="before">A program that starts it, with its arguments.</param>
    public static SiloRun StartMember(string data, string? database, string name = "one", string? roles = null, params string[] before) => Start(
        before, ["silo", "--data", data, "--name", name, "--quiet", "--unsandboxed", "--any-login", .. roles is null ? [] : new[] { "--roles", roles }],
        database);

    /// <summary>A silo of a cluster whose database login must be no stronger than its roles.</summary>
    public static SiloRun StartStrict(string data, string database, string roles) => Start(
        [], ["silo", "--data", data, "--name", "one", "--quiet", "--unsandboxed", "--roles", roles], database);

    /// <summary>A silo that joins a cluster with a ticket of the root that it is told to trust.</summary>
    public static SiloRun StartJoining(string data, string database, string name, string roles, string ticket, string root) => Start(
        [], ["silo", "--data", data, "--name", name, "--roles", roles, "--join", ticket, "--root", root, "--quiet", "--unsandboxed", "--any-login"], database);

    /// <summary>Waits until it answers.</summary>
    public async Task AnswersAsync() => Assert.NotNull(
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System));

    /// <summary>The next line that it complains in, while it goes on.</summary>
    public async Task<string?> ComplainsAsync() => await _process.StandardError.ReadLineAsync().WaitAsync(Patience, TimeProvider.System);

    /// <summary>Waits for its end, which is refused in one sentence for people.</summary>
    /// <returns>The sentence.</returns>
    /// <param name="code">The exit code.</param>
    public async Task<string> RefusedAsync(int code = 1)
    {
        var said = await _process.StandardError.ReadToEndAsync().WaitAsync(Patience, TimeProvider.System);
        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        Assert.Equal(code, _process.ExitCode);
        Assert.DoesNotContain("Exception", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.Single(said.Trim().Split('\n'));
        return said;
    }

    private static SiloRun Start(string[] before, string[] arguments, string? database)
    {
        var self = SelfCommand.Current;
        string[] line = [.. before, self.Program, .. self.Arguments, .. arguments];
        return new(Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [DatabaseOption.Variable] = database },
        })!);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }
}
