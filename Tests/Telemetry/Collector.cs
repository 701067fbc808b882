using System.Collections.Concurrent;
using System.Net;
using Maestro.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Maestro.Telemetry;

/// <summary>Takes OTLP over HTTP as a collector does, and keeps what it was sent.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _server;

    private Collector(WebApplication server) => _server = server;

    public ConcurrentQueue<WireSpan> Spans { get; } = new();

    /// <summary>How often each path was asked.</summary>
    public ConcurrentDictionary<string, int> Requests { get; } = new();

    public Uri Address => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        var collector = new Collector(builder.Build());
        collector._server.Run(collector.TakeAsync);
        await collector._server.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (context.Request.Path == "/v1/traces" && context.Request.ContentType == "application/x-protobuf")
        {
            foreach (var span in WireSpan.Of(body.ToArray()))
            {
                Spans.Enqueue(span);
            }
        }
        Requests.AddOrUpdate(context.Request.Path, 1, (_, count) => count + 1);
        context.Response.ContentType = "application/x-protobuf";
    }
}
