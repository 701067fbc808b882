namespace Maestro.Demo;

/// <summary>Asks production every 50 ms as a user would, and takes the time from the first bad answer to the next good one.</summary>
internal sealed class ProductionProbe : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly HttpMessageInvoker _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _address;
    private readonly TimeProvider _time;
    private readonly Task _loop;
    private DateTimeOffset? _badSince;

    public ProductionProbe(int port, TimeProvider time)
    {
        (_address, _time) = (new Uri($"http://127.0.0.1:{port}/"), time);
        _client = new(_handler);
        _loop = LoopAsync(_stop.Token);
    }

    /// <summary>The longest stretch of bad answers since <see cref="Begin"/> that ended in a good one; null where there was none.</summary>
    public TimeSpan? Bad { get; private set; }

    /// <summary>Begins a new scenario: what was before it does not count.</summary>
    public void Begin() => (Bad, _badSince) = (null, null);

    /// <summary>What production answers now: the status and the text.</summary>
    public async Task<(int Status, string Text)> AskAsync(CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _address);
            using var response = await _client.SendAsync(request, cancellation);
            return ((int)response.StatusCode, (await response.Content.ReadAsStringAsync(cancellation)).Trim());
        }
        catch (HttpRequestException failure)
        {
            return (0, failure.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _client.Dispose();
        _handler.Dispose();
    }

    private async Task LoopAsync(CancellationToken cancellation)
    {
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                var good = (await AskAsync(cancellation)).Status == 200;
                var now = _time.GetUtcNow();
                if (good && _badSince is { } since)
                {
                    Bad = now - since > (Bad ?? TimeSpan.Zero) ? now - since : Bad;
                    _badSince = null;
                }
                else if (!good)
                {
                    _badSince ??= now;
                }
                await Task.Delay(Pace, _time, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The scenario is over.
        }
    }
}
