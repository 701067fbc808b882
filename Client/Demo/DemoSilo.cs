using System.Diagnostics;
using Maestro.Connection;
using Maestro.Hosting;

namespace Maestro.Demo;

/// <summary>The demo's silo: <c>maestro up</c> as a process of its own, in the demo's data folder.</summary>
internal sealed class DemoSilo(string data, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);
    private Process? _process;

    public async Task StartAsync(bool unsandboxed, CancellationToken cancellation)
    {
        var self = SelfCommand.Current;
        string[] arguments = [.. self.Arguments, "up", "--data", data, "--quiet", .. unsandboxed ? ["--unsandboxed"] : Array.Empty<string>()];
        _process = Process.Start(new ProcessStartInfo(self.Program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true
        })
            ?? throw new SentenceException("The demo's silo did not start.", ExitCode.Fault);
        // The silo says one line when it answers; what else it says is in its log.
        var ready = _process.StandardOutput.ReadLineAsync(cancellation).AsTask();
        try
        {
            await ready.WaitAsync(StartWithin, time, cancellation);
        }
        catch (TimeoutException)
        {
            var log = Path.Combine(data, "silo.log");
            throw new SentenceException($"The demo's silo did not answer within {StartWithin.TotalSeconds:F0} s; its log is {log}.", ExitCode.Fault);
        }
        if (await ready is null)
        {
            throw new SentenceException($"The demo's silo ended: {(await _process.StandardError.ReadToEndAsync(cancellation)).Trim()}", ExitCode.Fault);
        }
    }

    /// <summary>Leaves the silo running when this program ends.</summary>
    public int Release()
    {
        var id = _process?.Id ?? 0;
        _process?.Dispose();
        _process = null;
        return id;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
        {
            return;
        }
        if (!_process.HasExited)
        {
            Signals.Terminate(_process.Id);
            using var patience = new CancellationTokenSource(StopWithin, time);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
        _process = null;
    }
}
