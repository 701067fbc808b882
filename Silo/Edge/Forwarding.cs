using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Maestro.Edge;

/// <summary>How requests are passed on: the connections to the instances, the limits, and the headers that name the caller.</summary>
internal sealed class Forwarding : IDisposable
{
    public HttpMessageInvoker Invoker { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        // Some servers close after 5 s: a request must not meet a connection that the other side is just closing.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
    });

    /// <summary>A request may be silent for ten minutes; drains have their own, shorter deadline at the caller.</summary>
    public ForwarderRequestConfig Limits { get; } = new()
    {
        ActivityTimeout = TimeSpan.FromMinutes(10),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public HttpTransformer Headers { get; } = new CallerHeaders();

    public void Dispose() => Invoker.Dispose();

    private sealed class CallerHeaders : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Host = null;
            proxyRequest.Headers.TryAddWithoutValidation(
                "X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString() ?? "unknown");
            // Callers are on this machine, so a front that ends TLS may have said these already, and knows better.
            AddMissing(proxyRequest, "X-Forwarded-Host", httpContext.Request.Host.Value ?? "");
            AddMissing(proxyRequest, "X-Forwarded-Proto", httpContext.Request.Scheme);
        }

        private static void AddMissing(HttpRequestMessage request, string name, string value)
        {
            if (!request.Headers.Contains(name))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }
}
