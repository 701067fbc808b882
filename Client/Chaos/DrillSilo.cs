using System.Diagnostics;
using Maestro.Commands;
using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Outside.Processes;

namespace Maestro.Chaos;

/// <summary>One silo of the drill: a real <c>maestro silo</c> process, which reaches PostgreSQL through a proxy of its own.</summary>
/// <param name="database">The way through the proxy, with a silo's login.</param>
internal sealed class DrillSilo(string name, string data, WireProxy proxy, string database, string[] options, TimeProvider time) : IAsyncDisposable
{
    public const int Stop = 19;
    public const int Continue = 18;
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(60);
    private Process? _process;

    public string Name => name;

    public WireProxy Proxy => proxy;

    /// <summary>It has said that it answers, and it has not ended since.</summary>
    public bool IsUp { get; private set; }

    /// <summary>It was stopped and not continued.</summary>
    public bool IsStopped { get; private set; }

    public bool HasEnded => _process is null or { HasExited: true };

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="SentenceException">It ended instead.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var self = SelfCommand.Current;
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(
            self.Program, [.. self.Arguments, "silo", "--name", name, "--data", data, "--quiet", "--unsandboxed", .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [DatabaseOption.Variable] = database },
        })!;
        var complaints = _process.StandardError.ReadToEndAsync(cancellation);
        if (await _process.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(StartWithin, time, cancellation) is null)
        {
            throw new SentenceException($"{name} ended instead of starting: {(await complaints).Trim()}", ExitCode.Fault);
        }
        IsUp = true;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        (IsUp, IsStopped) = (false, false);
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>SIGTERM: it drains and ends. One that does not is killed.</summary>
    public async Task TerminateAsync()
    {
        IsUp = false;
        if (_process is { HasExited: false } process)
        {
            NativeMethods.Signal(process.Id, NativeMethods.Terminate);
            using var patience = new CancellationTokenSource(DrainWithin, time);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await KillAsync();
        }
    }

    /// <summary>Sends SIGSTOP or SIGCONT.</summary>
    public void Signal(int signal)
    {
        if (_process is { HasExited: false } process)
        {
            IsStopped = signal == Stop;
            NativeMethods.Signal(process.Id, signal);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        await proxy.DisposeAsync();
    }
}
