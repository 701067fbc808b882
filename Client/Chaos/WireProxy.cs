using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Maestro.Chaos;

/// <summary>What becomes of a group of messages.</summary>
/// <param name="Forward">The database gets it.</param>
/// <param name="Answer">The client gets the database's answer; else its connection is closed instead.</param>
internal sealed record Passage(bool Forward, bool Answer)
{
    public static Passage Through { get; } = new(true, true);
}

/// <summary>Sees what a silo sends its database.</summary>
internal interface IWireWatcher
{
    /// <summary>Log entries are about to be sent; they wait until this returns.</summary>
    Task<Passage> SendingAsync(ImmutableArray<SentEntry> entries);

    /// <summary>The database has answered them.</summary>
    /// <param name="known">The client heard of it.</param>
    Task AnsweredAsync(ImmutableArray<SentEntry> entries, bool known);
}

/// <summary>A loopback proxy in front of PostgreSQL, one for each silo: it shows what passes, holds it, loses it, cuts it or slows it down.</summary>
internal sealed class WireProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<WireConnection, Task> _connections = new();
    private readonly int _server;
    private readonly IWireWatcher _watcher;
    private readonly TimeProvider _time;
    private readonly Task _accepting;

    public WireProxy(int server, IWireWatcher watcher, TimeProvider time)
    {
        (_server, _watcher, _time) = (server, watcher, time);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes a second that a connection may send the database; 0 for as many as it can.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Cuts every connection at once, in the middle of whatever passes.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Cut();
        await Task.WhenAll(_connections.Values);
        _ending.Dispose();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The connection disposes itself when it has run.")]
    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new WireConnection(await _listener.AcceptTcpClientAsync(_ending.Token), _watcher, () => BytesPerSecond, _time);
                _connections[connection] = Task.Run(async () =>
                {
                    await connection.RunAsync(_server);
                    _connections.TryRemove(connection, out _);
                });
            }
        }
        catch (OperationCanceledException)
        {
            // The drill is over.
        }
    }
}
