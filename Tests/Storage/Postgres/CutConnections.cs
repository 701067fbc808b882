using System.Net;
using System.Net.Sockets;

namespace Maestro.Storage.Postgres;

/// <summary>Passes connections of the loopback on to a server, and can lose one answer of it: what was asked was done, and nobody hears of it.</summary>
internal sealed class CutConnections : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly int _server;
    private readonly Task _accepting;
    private volatile string? _trigger;
    private volatile string _answer = "";
    private int _cuts;

    public CutConnections(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many answers were lost.</summary>
    public int Cuts => _cuts;

    /// <summary>The answer to the next question that has this text in it is lost, and its connection with it.</summary>
    /// <param name="answer">What the answer has in it.</param>
    public void CutAfter(string text, string answer = "SELECT 1") => (_answer, _trigger) = (answer, text);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                passing.Add(PassAsync(await _listener.AcceptTcpClientAsync(_ending.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        using var near = client;
        using var far = new TcpClient();
        var cut = new TaskCompletionSource<bool>();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _server, ended.Token);
            await Task.WhenAny(QuestionsAsync(), AnswersAsync());
        }
        catch (SocketException)
        {
            // Nobody answers there: nobody answers here.
        }
        await ended.CancelAsync();

        async Task QuestionsAsync()
        {
            var buffer = new byte[65536];
            while (await ReadAsync(near, buffer, ended.Token) is var read and > 0)
            {
                if (_trigger is { } text && System.Text.Encoding.Latin1.GetString(buffer, 0, read).Contains(text, StringComparison.Ordinal))
                {
                    _trigger = null;
                    cut.TrySetResult(true);
                }
                await far.GetStream().WriteAsync(buffer.AsMemory(0, read), ended.Token);
            }
        }

        async Task AnswersAsync()
        {
            var buffer = new byte[65536];
            while (await ReadAsync(far, buffer, ended.Token) is var read and > 0)
            {
                if (cut.Task.IsCompleted)
                {
                    // The driver resets a connection in front of its question; only what follows the commit is the answer.
                    if (System.Text.Encoding.Latin1.GetString(buffer, 0, read).Contains(_answer, StringComparison.Ordinal))
                    {
                        Interlocked.Increment(ref _cuts);
                        return;
                    }
                    continue;
                }
                await near.GetStream().WriteAsync(buffer.AsMemory(0, read), ended.Token);
            }
        }
    }

    private static async Task<int> ReadAsync(TcpClient from, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await from.GetStream().ReadAsync(buffer, cancellation);
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
