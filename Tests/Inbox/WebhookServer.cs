using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Inbox;

/// <summary>A real endpoint on a port of its own over an inbox, and a sender with the secret.</summary>
internal sealed class WebhookServer : IAsyncDisposable, IDenials
{
    public static readonly byte[] Secret = Encoding.UTF8.GetBytes("a secret of thirty-two characters");
    private readonly WebhookEndpoint _endpoint;
    private readonly InboxBell _bell = new();
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly HttpMessageInvoker _client;

    private WebhookServer(IInbox inbox, SignatureRule rule, TimeProvider time)
    {
        Port = Ports.Free();
        _client = new(_handler);
        _endpoint = new(
            new(Port, ImmutableDictionary<string, string>.Empty),
            new([new("generic", Secret), new("second", Encoding.UTF8.GetBytes("another secret, of many characters"))]),
            inbox, _bell, new(this, time), rule, TimeProvider.System, NullLogger<WebhookEndpoint>.Instance);
    }

    public int Port { get; }

    public ConcurrentQueue<Denial> Denials { get; } = new();

    public static async Task<WebhookServer> StartAsync(IInbox inbox, SignatureRule? rule = null, TimeProvider? time = null)
    {
        var server = new WebhookServer(inbox, rule ?? WebhookSignature.Fits, time ?? TimeProvider.System);
        await server._endpoint.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public void Note(Denial denial) => Denials.Enqueue(denial);

    public static string Sign(byte[] body, byte[]? secret = null) => $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(secret ?? Secret, body))}";

    /// <summary>Sends as a sender with the secret does, unless something else is said; an empty text leaves a header out.</summary>
    public async Task<WebhookReply> SendAsync(
        byte[] body, string id = "one", string? signature = null, string source = "generic", string kind = "pull_request", bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{Port}/webhooks/{source}"));
        request.Content = new ByteArrayContent(body);
        request.Headers.TransferEncodingChunked = chunked;
        Add(WebhookSignature.Header, signature ?? Sign(body));
        Add(WebhookEndpoint.DeliveryHeader, id);
        Add(WebhookEndpoint.EventHeader, kind);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, (await response.Content.ReadAsStringAsync()).TrimEnd('\n'), response.Headers.RetryAfter?.ToString());

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            }
        }
    }

    /// <summary>Asks for a path, with a method.</summary>
    public async Task<int> AskAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.1:{Port}{path}"));
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.StopAsync(CancellationToken.None);
        await _endpoint.DisposeAsync();
        _client.Dispose();
        _handler.Dispose();
        _bell.Dispose();
    }
}

/// <summary>What the endpoint answered.</summary>
internal sealed record WebhookReply(int Status, string Sentence, string? RetryAfter);
