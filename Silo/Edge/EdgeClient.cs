using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Edge;

/// <summary>
/// Reaches the edge of one data folder, and starts it where it does not run.
/// A call that gets no answer may have been carried out: ask again.
/// </summary>
/// <param name="keys">The folder of registered keys that an edge is started with, which pins their root.</param>
internal sealed class EdgeClient(string folder, string keys, SelfCommand self, TimeProvider time) : IEdge, IDisposable
{
    private readonly EdgeProcess _process = new(EdgeFolder.Of(folder), keys, self, time);
    private readonly SemaphoreSlim _starting = new(1, 1);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        // A connection of its own for each call: one that outlived a killed edge would only make the next call fail.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = (_, cancellation) => ConnectAsync(EdgeFolder.Of(folder), cancellation),
    })
    { BaseAddress = new Uri("http://edge/"), Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>How long one call may take.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a started edge may take until it answers.</summary>
    public TimeSpan StartWithin { get; init; } = TimeSpan.FromSeconds(20);

    public Task<Route> ReadAsync(EnvironmentKey environment, CancellationToken cancellation) =>
        CallAsync<Route>(() => new(HttpMethod.Get, $"route?environment={Escape(environment)}"), cancellation);

    public Task<Route> SwitchAsync(
        EnvironmentKey environment, int port, long token, string? expected, string? target, Uri? address, Envelope? lease,
        CancellationToken cancellation)
    {
        var request = new SwitchRequest(environment.ToString(), port, token, expected, target, address, lease);
        return CallAsync<Route>(
            () => new(HttpMethod.Post, "switch") { Content = JsonContent.Create(request, options: EdgeJson.Options) }, cancellation);
    }

    public async Task<int> InFlightAsync(EnvironmentKey environment, string effect, CancellationToken cancellation)
    {
        var path = $"in-flight?environment={Escape(environment)}&effect={Uri.EscapeDataString(effect)}";
        return (await CallAsync<InFlightAnswer>(() => new(HttpMethod.Get, path), cancellation)).Requests;
    }

    /// <summary>Every environment that the edge knows.</summary>
    public Task<RouteLine[]> ListAsync(CancellationToken cancellation) =>
        CallAsync<RouteLine[]>(() => new(HttpMethod.Get, "routes"), cancellation);

    /// <summary>The edge that runs, started where none did. Called regularly, it brings back an edge that died.</summary>
    public Task<PingAnswer> PingAsync(CancellationToken cancellation) =>
        CallAsync<PingAnswer>(() => new(HttpMethod.Get, "ping"), cancellation);

    /// <summary>Asks the edge to end, where one runs.</summary>
    public async Task ShutDownAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await SendAsync(new(HttpMethod.Post, "shutdown"), cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            // None runs, which is what was asked for.
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        _http.Dispose();
        _starting.Dispose();
    }

    private static string Escape(EnvironmentKey environment) => Uri.EscapeDataString(environment.ToString());

    private async Task<T> CallAsync<T>(Func<HttpRequestMessage> request, CancellationToken cancellation)
    {
        try
        {
            return await TryCallAsync<T>(request(), cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            await StartAsync(cancellation);
        }
        catch (HttpRequestException e)
        {
            throw _process.Unreachable(e.Message, e);
        }
        try
        {
            return await TryCallAsync<T>(request(), cancellation);
        }
        catch (HttpRequestException e)
        {
            throw _process.Unreachable(e.Message, e);
        }
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        await _starting.WaitAsync(cancellation);
        try
        {
            if (!await AnswersAsync(cancellation))
            {
                await _process.StartAsync(AnswersAsync, StartWithin, cancellation);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await TryCallAsync<PingAnswer>(new(HttpMethod.Get, "ping"), cancellation);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<T> TryCallAsync<T>(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            using var response = await SendAsync(request, cancellation);
            if (response.StatusCode == HttpStatusCode.Conflict)
            {
                throw new RefusedException(await ReadAsync<Reason>(response, cancellation));
            }
            if (response.StatusCode == HttpStatusCode.InternalServerError && response.Content.Headers.ContentType is not null)
            {
                throw new OutsideException(await ReadAsync<Reason>(response, cancellation));
            }
            return response.IsSuccessStatusCode
                ? await ReadAsync<T>(response, cancellation)
                : throw _process.Unreachable(string.Create(CultureInfo.InvariantCulture, $"the answer {(int)response.StatusCode}"));
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw _process.Unreachable(e.Message, e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            // The whole answer is read within the deadline, so it needs no second one.
            return await _http.SendAsync(request, either.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw _process.Unreachable($"no answer within {AnswerWithin.TotalSeconds:0.#} s", e);
        }
        finally
        {
            request.Dispose();
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellation) =>
        await response.Content.ReadFromJsonAsync<T>(EdgeJson.Options, cancellation) ?? throw new JsonException("The answer is empty.");

    private static async ValueTask<Stream> ConnectAsync(EdgeFolder folder, CancellationToken cancellation)
    {
        Socket? socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(folder.Socket), cancellation);
            var stream = new NetworkStream(socket, ownsSocket: true);
            socket = null;
            return stream;
        }
        finally
        {
            socket?.Dispose();
        }
    }
}
