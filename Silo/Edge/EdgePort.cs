using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Yarp.ReverseProxy.Forwarder;

namespace Maestro.Edge;

/// <summary>
/// An environment's open loopback port: a server of its own,
/// because a running one cannot be told to listen once more and say whether it could.
/// </summary>
internal sealed class EdgePort
{
    private readonly WebApplication _server;

    private EdgePort(WebApplication server) => _server = server;

    /// <exception cref="IOException">The port is in use, or this user may not open it.</exception>
    public static async Task<EdgePort> OpenAsync(int port, Traffic traffic, Forwarding forwarding)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ListenLocalhost(port);
        });
        builder.Services.AddHttpForwarder().AddSingleton<IHostLifetime, QuietLifetime>();
        var server = builder.Build();
        var forwarder = server.Services.GetRequiredService<IHttpForwarder>();
        server.Run(context => ForwardAsync(context, traffic, forwarder, forwarding));
        try
        {
            await server.StartAsync();
            return new EdgePort(server);
        }
        catch (IOException)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes no more connections and lets the requests under way end.</summary>
    public async Task CloseAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
    }

    private static async Task ForwardAsync(HttpContext context, Traffic traffic, IHttpForwarder forwarder, Forwarding forwarding)
    {
        if (traffic.Enter() is not { } destination)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("Nothing is released here yet.\n", context.RequestAborted);
            return;
        }
        try
        {
            var error = await forwarder.SendAsync(context, destination.Prefix, forwarding.Invoker, forwarding.Limits, forwarding.Headers);
            if (error != ForwarderError.None && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync($"The release does not answer: {Cause(context, error)}.\n", context.RequestAborted);
            }
        }
        finally
        {
            destination.Leave();
        }
    }

    // A word of the operating system or of the forwarder; what the release itself said is not repeated.
    private static string Cause(HttpContext context, ForwarderError error) =>
        context.Features.Get<IForwarderErrorFeature>()?.Exception?.InnerException is SocketException socket ? $"{socket.SocketErrorCode}" : $"{error}";
}
