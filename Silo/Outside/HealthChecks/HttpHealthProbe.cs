using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Maestro.Environments;

namespace Maestro.Outside.HealthChecks;

/// <summary>How the probe asks.</summary>
/// <param name="Within">How long one check may take, headers and body together.</param>
/// <param name="LoopbackOnly">Nothing but this machine is asked.</param>
internal sealed record HttpHealthProbeOptions(TimeSpan Within, bool LoopbackOnly = true)
{
    public static HttpHealthProbeOptions Default { get; } = new(TimeSpan.FromSeconds(2));
}

/// <summary>
/// Asks over HTTP. It follows no redirect, keeps no cookie, uses no proxy, and makes a new connection for every check, so that an
/// old connection never hides that nobody listens any more.
/// </summary>
internal sealed class HttpHealthProbe : IHealthProbe, IDisposable
{
    private const int MostBody = 64 * 1024;

    private readonly HttpHealthProbeOptions _options;
    private readonly TimeProvider _time;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpMessageInvoker _client;

    public HttpHealthProbe(HttpHealthProbeOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 16,
            ConnectCallback = ConnectAsync,
        };
        _client = new HttpMessageInvoker(_handler);
    }

    public async Task<Health> CheckAsync(Uri address, ImmutableArray<HealthCheck> checks, CancellationToken cancellation)
    {
        foreach (var check in checks)
        {
            if (await CheckAsync(address, check, cancellation) is { } wrong)
            {
                return new Health(false, wrong);
            }
        }
        return checks.IsEmpty ? new Health(false, "There is no check to make.") : new Health(true, "");
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    private async Task<string?> CheckAsync(Uri address, HealthCheck check, CancellationToken cancellation)
    {
        var path = new UntrustedText(check.Path).Shown(100);
        if (Target(address, check.Path) is not { } target)
        {
            return $"{path} is no path of an HTTP address that may be asked.";
        }
        using var timer = new CancellationTokenSource(_options.Within, _time);
        using var within = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            using var response = await _client.SendAsync(request, within.Token);
            var status = (int)response.StatusCode;
            return status != check.Status ? $"{path} answered {status}, expected {check.Status}."
                : check.Body is { } body && !await HasAsync(response.Content, body, within.Token)
                    ? $"{path} answered without the expected text."
                : null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"{path} did not answer within {_options.Within.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds.";
        }
        catch (HttpRequestException refused)
        {
            return $"{path} did not answer: {Word(refused)}.";
        }
        catch (IOException)
        {
            return $"{path} broke off its answer.";
        }
    }

    private Uri? Target(Uri address, string path) =>
        address.IsAbsoluteUri && address.Scheme == Uri.UriSchemeHttp && (!_options.LoopbackOnly || address.IsLoopback)
        && path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal)
        && Uri.TryCreate(address, path, out var target) && target.Scheme == address.Scheme && target.Authority == address.Authority
            ? target
            : null;

    // The address is looked at once more when it is connected to: a name may lead elsewhere than it says.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA2000",
        Justification = "The stream that is returned owns the socket.")]
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = await Dns.GetHostAddressesAsync(host, cancellation);
        var allowed = addresses.Where(address => !_options.LoopbackOnly || IPAddress.IsLoopback(address)).ToArray();
        if (allowed.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<bool> HasAsync(HttpContent content, string body, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var read = new byte[MostBody];
        var length = await stream.ReadAtLeastAsync(read, read.Length, throwOnEndOfStream: false, cancellation);
        return read.AsSpan(0, length).IndexOf(Encoding.UTF8.GetBytes(body)) >= 0;
    }

    private static string Word(HttpRequestException refused) => refused.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => "nobody listens there",
        HttpRequestError.NameResolutionError => "its name leads nowhere",
        HttpRequestError.InvalidResponse => "it does not speak HTTP",
        HttpRequestError.ResponseEnded => "it broke off its answer",
        HttpRequestError.ConfigurationLimitExceeded => "its headers are too long",
        _ => "the connection failed",
    };
}
