using System.Net.Sockets;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Maestro.Edge;

/// <summary>The edge's control API: HTTP on a Unix domain socket that only the owner may open.</summary>
internal static class EdgeControl
{
    private const long LongestRequest = 64 * 1024;

    /// <param name="shutdown">Called once when somebody asks the edge to end; the answer is sent all the same.</param>
    public static async Task<WebApplication> StartAsync(EdgeFolder folder, Switchboard switchboard, Action shutdown)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = LongestRequest;
            kestrel.ListenUnixSocket(folder.Socket);
        });
        builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = endpoint => Bind(folder, endpoint));
        builder.Services.AddRoutingCore().AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.ConfigureHttpJsonOptions(options => EdgeJson.Configure(options.SerializerOptions));
        var server = builder.Build();
        server.MapGet("/ping", () => new PingAnswer(Environment.ProcessId, folder.Path));
        server.MapGet("/routes", switchboard.List);
        server.MapGet("/route", (string environment) => switchboard.Read(environment));
        server.MapGet("/in-flight", (string environment, string effect) => new InFlightAnswer(switchboard.InFlight(environment, effect)));
        server.MapPost(
            "/switch", (SwitchRequest request, CancellationToken cancellation) => SwitchAsync(switchboard, request, cancellation));
        server.MapPost("/shutdown", shutdown);
        await server.StartAsync();
        return server;
    }

    private static async Task<IResult> SwitchAsync(Switchboard switchboard, SwitchRequest request, CancellationToken cancellation)
    {
        try
        {
            return Results.Ok(await switchboard.SwitchAsync(request, cancellation));
        }
        catch (RefusedException e)
        {
            return Results.Json(e.Reason, statusCode: StatusCodes.Status409Conflict);
        }
        catch (OutsideException e)
        {
            return Results.Json(e.Reason, statusCode: StatusCodes.Status500InternalServerError);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = new Reason("edge.not-durable", "A switch is durable before it counts.", "files that can be written", e.Message,
                "Make room and ask again; the edge then says what is served.");
            return Results.Json(reason, statusCode: StatusCodes.Status500InternalServerError);
        }
    }

    private static Socket Bind(EdgeFolder folder, System.Net.EndPoint endpoint)
    {
        // The lock is held, so a socket file that is there was left behind by an edge that was killed.
        File.Delete(folder.Socket);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(endpoint);
        if (!OperatingSystem.IsWindows())
        {
            // It listens only after this, so there is no moment at which others could connect.
            File.SetUnixFileMode(folder.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        return socket;
    }
}
