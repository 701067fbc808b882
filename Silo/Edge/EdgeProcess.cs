using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Edge;

/// <summary>Starts the edge as a process that outlives this one.</summary>
internal sealed class EdgeProcess(EdgeFolder folder, string keys, SelfCommand self, TimeProvider time) : IDisposable
{
    // What the edge serves with; a silo's credentials are none of its business.
    private static readonly string[] Inherited = ["PATH", "HOME", "TMPDIR", "LANG", "TZ"];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _turn = new();
    private Process? _unanswered;
    private bool _ended;

    /// <summary>Starts it and waits until it, or the one that another process started meanwhile, answers.</summary>
    /// <exception cref="OutsideException">None answers within the time; the reason has the end of its log.</exception>
    public async Task StartAsync(Func<CancellationToken, Task<bool>> answers, TimeSpan within, CancellationToken cancellation)
    {
        folder.Create();
        var began = time.GetTimestamp();
        var launched = Launch();
        while (!await answers(cancellation))
        {
            if (time.GetElapsedTime(began) > within)
            {
                throw Unreachable($"no answer within {within.TotalSeconds:0} s");
            }
            if (launched.HasExited)
            {
                await CheckAsync(launched, cancellation);
                launched = Launch();
            }
            await Task.Delay(Pause, time, cancellation);
        }
        Replace(null);
    }

    /// <summary>Ends an edge that was started and has not answered: nobody would know of it. One that answered goes on.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            _ended = true;
            if (_unanswered is { HasExited: false })
            {
                _unanswered.Kill();
                _unanswered.WaitForExit();
            }
            _unanswered?.Dispose();
            _unanswered = null;
        }
    }

    public OutsideException Unreachable(string found, Exception? inner = null) => new(new Reason("edge.unreachable",
        "The edge switches traffic and counts requests.", $"an edge that answers at {folder.Socket}", found,
        $"Read {folder.Log}; the edge is started again at the next call."), inner);

    // An edge that lost the race for the folder left it to another, which is on its way up, or on its way down and leaves it free.
    private async Task CheckAsync(Process ended, CancellationToken cancellation)
    {
        if (ended.ExitCode != EdgeServer.AlreadyRuns)
        {
            throw Unreachable($"it ended at once: {await LastLineAsync(cancellation)}");
        }
    }

    private void Replace(Process? launched)
    {
        lock (_turn)
        {
            _unanswered?.Dispose();
            _unanswered = launched;
        }
    }

    private Process Launch()
    {
        var start = new ProcessStartInfo(self.Program) { UseShellExecute = false, WorkingDirectory = folder.Path };
        foreach (var argument in self.Arguments.AddRange("edge", "--data", folder.Path, "--keys", keys, "--root", KeyRegistry.RootOf(keys)))
        {
            start.ArgumentList.Add(argument);
        }
        foreach (var name in start.Environment.Keys.ToArray())
        {
            if (!Inherited.Contains(name) && !name.StartsWith("DOTNET_", StringComparison.Ordinal))
            {
                start.Environment.Remove(name);
            }
        }
        start.Environment[Detachment.Variable] = "1";
        try
        {
            lock (_turn)
            {
                ObjectDisposedException.ThrowIf(_ended, this);
                var launched = Process.Start(start) ?? throw Unreachable($"{self.Program} did not start");
                Replace(launched);
                return launched;
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Unreachable($"{self.Program} could not be started: {e.Message}", e);
        }
    }

    private async Task<string> LastLineAsync(CancellationToken cancellation)
    {
        try
        {
            return (await File.ReadAllLinesAsync(folder.Log, cancellation)).LastOrDefault(line => line.Length > 0) ?? "its log is empty";
        }
        catch (IOException)
        {
            return "it left no log";
        }
    }
}
