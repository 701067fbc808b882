using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Maestro.Inbox;

namespace Maestro.Chaos;

/// <summary>A sender of webhooks: it tries one silo after the other until one says that it has the delivery.</summary>
internal sealed class DrillWebhooks : IDisposable
{
    public const string Source = "drill";
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OneCall = TimeSpan.FromSeconds(10);
    private readonly byte[] _secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)).Select(letter => (byte)letter).ToArray();
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero };
    private readonly HttpMessageInvoker _client;
    private readonly ConcurrentQueue<string> _acknowledged = new();
    private readonly TimeProvider _time;

    public DrillWebhooks(DrillFolder folder, int silos, TimeProvider time)
    {
        _client = new(_handler, disposeHandler: false);
        _time = time;
        Ports = [.. Enumerable.Range(0, silos).Select(_ => Hosting.Ports.Free())];
        SecretFile = Path.Combine(folder.Path, "webhook-secret");
        using var file = new FileStream(SecretFile, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(_secret);
    }

    /// <summary>The loopback ports at which the silos take webhooks, in the silos' order.</summary>
    public ImmutableArray<int> Ports { get; }

    public string SecretFile { get; }

    /// <summary>The ids of the deliveries that were answered as taken.</summary>
    public ImmutableArray<string> Acknowledged => [.. _acknowledged];

    /// <summary>Sends that a pull request was opened, until a silo has it.</summary>
    public async Task OpenAsync(string application, string head, CancellationToken cancellation)
    {
        var id = $"{application}-{head}";
        var body = JsonSerializer.SerializeToUtf8Bytes(new { action = "opened", application, head, @base = "main", delivery = id });
        for (var turn = Math.Abs(application.Length + head.Length); !await TryAsync(Ports[turn % Ports.Length], id, body, cancellation); turn++)
        {
            await Task.Delay(Rest, _time, cancellation);
        }
        _acknowledged.Enqueue(id);
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    private async Task<bool> TryAsync(int port, string id, byte[] body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}/webhooks/{Source}")))
        {
            Content = new ByteArrayContent(body),
        };
        request.Headers.Add(WebhookEndpoint.DeliveryHeader, id);
        request.Headers.Add(WebhookEndpoint.EventHeader, "pull_request");
        request.Headers.Add(WebhookSignature.Header, $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(_secret, body))}");
        try
        {
            using var response = await _client.SendAsync(request, cancellation).WaitAsync(OneCall, _time, cancellation);
            return response.StatusCode == System.Net.HttpStatusCode.Accepted;
        }
        catch (Exception lost) when (lost is HttpRequestException or TimeoutException or IOException)
        {
            return false;
        }
    }
}
