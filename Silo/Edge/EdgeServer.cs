using System.Net.Sockets;
using System.Runtime.InteropServices;
using Maestro.Custody;
using Maestro.Deployments;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Maestro.Edge;

/// <summary>
/// What serves users: it owns the environments' loopback ports, the proxy and the routing file of one data folder, and survives any silo.
/// </summary>
internal sealed class EdgeServer : IAsyncDisposable
{
    /// <summary>Another edge serves the folder.</summary>
    public const int AlreadyRuns = 3;

    private const int CannotStart = 2;

    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly FileStream _lock;
    private readonly EdgeJournal _journal;
    private readonly Switchboard _switchboard;
    private Task _opening = Task.CompletedTask;
    private WebApplication? _control;

    private EdgeServer(EdgeFolder folder, FileStream exclusive, EdgeRules rules, LeaseGate gate, TimeProvider time, ILoggerFactory logs)
    {
        _lock = exclusive;
        _journal = new EdgeJournal(folder);
        _switchboard = new Switchboard(new RoutingFile(folder, rules), _journal, rules, gate, time, logs.CreateLogger<Switchboard>());
    }

    /// <summary>Completes when somebody asks the edge to end.</summary>
    public Task Shutdown => _shutdown.Task;

    /// <summary>The edge as a process: runs until it is cancelled, asked to shut down, or sent SIGTERM or SIGINT.</summary>
    /// <param name="keys">The folder with the registry of keys; read again for each lease, so that a new key counts at once.</param>
    /// <param name="root">The public key of the root that must have signed the registry.</param>
    /// <returns>The exit code: 0 after an orderly end, 3 where another edge serves the folder, 2 where it could not start.</returns>
    public static async Task<int> RunAsync(string folder, string keys, string root, CancellationToken cancellation)
    {
        try
        {
            var place = EdgeFolder.Of(folder);
            if (Detachment.Wanted)
            {
                // Whoever started it made the folder. Where it is gone, so is everybody who would ask this edge.
                Detachment.Apply(place);
            }
            else
            {
                place.Create();
            }
            using var logs = LoggerFactory.Create(Log);
            await using var server = await StartAsync(place, new EdgeRules(), EdgeKeys.Gate(keys, root, TimeProvider.System), TimeProvider.System, logs);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, server.End);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, server.End);
            await using var cancelled = cancellation.Register(() => server._shutdown.TrySetResult());
            await server.Shutdown;
            return 0;
        }
        catch (RefusedException e)
        {
            await Console.Error.WriteLineAsync(e.Reason.ToString());
            return e.Reason.Code == "edge.already-running" ? AlreadyRuns : CannotStart;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            await Console.Error.WriteLineAsync($"The edge cannot run in {folder}: {e.Message}");
            return CannotStart;
        }
    }

    /// <exception cref="RefusedException">Another edge serves the folder, or its routing file is damaged.</exception>
    public static async Task<EdgeServer> StartAsync(
        EdgeFolder folder, EdgeRules rules, LeaseGate gate, TimeProvider time, ILoggerFactory logs)
    {
        folder.Create();
        var server = new EdgeServer(folder, Lock(folder), rules, gate, time, logs);
        try
        {
            await server._switchboard.ResumeAsync();
            server._control = await EdgeControl.StartAsync(folder, server._switchboard, () => server._shutdown.TrySetResult());
            server._opening = server.OpenMissingPortsAsync(time);
            return server;
        }
        catch (Exception e) when (e is RefusedException or IOException or UnauthorizedAccessException or SocketException)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes no more requests, lets those under way end, and gives the folder free.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _opening;
        if (_control is not null)
        {
            await _control.StopAsync();
            await _control.DisposeAsync();
        }
        await _switchboard.DisposeAsync();
        _journal.Dispose();
        _ending.Dispose();
        await _lock.DisposeAsync();
    }

    private static void Log(ILoggingBuilder logging) => logging.AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
    });

    private static FileStream Lock(EdgeFolder folder)
    {
        try
        {
            return EdgeFolder.Open(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new RefusedException(new Reason("edge.already-running", "One edge serves a data folder.",
                $"{folder.Lock} to be free", e.Message, "Use the edge that runs, or end it first."));
        }
    }

    private async Task OpenMissingPortsAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                await _switchboard.OpenMissingPortsAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The edge ends.
        }
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        _shutdown.TrySetResult();
    }
}
