using System.Diagnostics;

namespace Maestro.Hosting;

/// <summary>One run of <c>maestro up</c> as a process, with what it said.</summary>
internal sealed class SiloRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;

    private SiloRun(Process process) => _process = process;

    public static SiloRun Start(string data)
    {
        var self = SelfCommand.Current;
        return new(Process.Start(new ProcessStartInfo(self.Program, [.. self.Arguments, "up", "--data", data, "--quiet", "--unsandboxed"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>Waits until it answers.</summary>
    public async Task AnswersAsync() => Assert.NotNull(
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System));

    /// <summary>Waits for its end, which is refused in one sentence for people.</summary>
    /// <returns>The sentence.</returns>
    public async Task<string> RefusedAsync()
    {
        var said = await _process.StandardError.ReadToEndAsync().WaitAsync(Patience, TimeProvider.System);
        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        Assert.Equal(1, _process.ExitCode);
        Assert.DoesNotContain("Exception", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.Single(said.Trim().Split('\n'));
        return said;
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
