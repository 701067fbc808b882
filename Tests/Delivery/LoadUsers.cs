using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Maestro.Delivery;

/// <summary>
/// Users who do not wait for each other (open loop) and never ask twice: a fifth of the requests are POST with a body, a twentieth take a second.
/// Connections are kept alive.
/// </summary>
internal sealed class LoadUsers(int port, int rate) : IDisposable
{
    private const int Slow = 1000;
    private const int Fast = 5;
    private readonly HttpMessageInvoker _users = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) });
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<TimeSpan> _sending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _requests = [];

    public ConcurrentQueue<string> Failures { get; } = new();

    public int Sent => _requests.Count;

    public static string IdOf(int number) => FormattableString.Invariant($"load-{number}");

    /// <summary>Begins to send, from a thread of its own.</summary>
    public void Start() => new Thread(Send) { IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();

    /// <summary>Sends no more and waits for every answer.</summary>
    /// <returns>How long it was sent.</returns>
    public async Task<TimeSpan> StopAsync()
    {
        await _stop.CancelAsync();
        var elapsed = await _sending.Task;
        await Task.WhenAll(_requests);
        return elapsed;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _users.Dispose();
        _stop.Dispose();
    }

    // A due time that was missed is caught up at once, so the generator cannot fall behind silently: the number sent tells.
    private void Send()
    {
        var began = Stopwatch.GetTimestamp();
        while (!_stop.Token.WaitHandle.WaitOne(1))
        {
            for (var due = (int)(Stopwatch.GetElapsedTime(began).TotalSeconds * rate); _requests.Count < due;)
            {
                var number = _requests.Count;
                _requests.Add(Task.Run(() => VisitAsync(number)));
            }
        }
        _sending.SetResult(Stopwatch.GetElapsedTime(began));
    }

    private async Task VisitAsync(int number)
    {
        var size = number % 5 == 1 ? 500 + number % 20_000 : 0;
        using var request = new HttpRequestMessage(
            size > 0 ? HttpMethod.Post : HttpMethod.Get, $"http://127.0.0.1:{port}/work?id={IdOf(number)}&ms={(number % 20 == 0 ? Slow : Fast)}");
        request.Content = size > 0 ? new ByteArrayContent(new byte[size]) : null;
        try
        {
            using var response = await _users.SendAsync(request, CancellationToken.None);
            var body = await response.Content.ReadAsStringAsync();
            if (response.StatusCode != HttpStatusCode.OK || !body.EndsWith($" {size}", StringComparison.Ordinal))
            {
                Failures.Enqueue($"{number}: {(int)response.StatusCode} {body}");
            }
        }
        catch (HttpRequestException failure)
        {
            Failures.Enqueue($"{number}: {failure.Message}");
        }
    }
}
