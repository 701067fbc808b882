using System.Net;
using System.Security.Cryptography;
using System.Text;
using Maestro.Connection;
using Maestro.Edge;
using Maestro.Screen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Maestro.Sessions;

/// <summary>A port of this machine that takes one answer of the issuer, and only the one to what was asked.</summary>
internal sealed class LoopbackCallback : IAsyncDisposable
{
    private const string Path = "/callback";

    private readonly WebApplication _server;
    private readonly string _state;
    private readonly string _issuer;
    private readonly TaskCompletionSource<string> _code = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LoopbackCallback(string state, string issuer)
    {
        (_state, _issuer) = (state, issuer);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    /// <summary>Where the issuer sends the browser back to.</summary>
    public string Address { get; private set; } = "";

    public static async Task<LoopbackCallback> OpenAsync(string state, string issuer, CancellationToken cancellation)
    {
        var callback = new LoopbackCallback(state, issuer);
        await callback._server.StartAsync(cancellation);
        callback.Address = $"{callback._server.Urls.Single().TrimEnd('/')}{Path}";
        return callback;
    }

    /// <summary>The code, once the browser has brought it.</summary>
    /// <exception cref="SentenceException">The issuer says no.</exception>
    public Task<string> CodeAsync(CancellationToken cancellation) => _code.Task.WaitAsync(cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (context.Request.Path != Path || !IsAnswer(query))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("Nothing is asked for here.\n");
            return;
        }
        // What the console asked for is answered once; whoever comes later changes nothing.
        if (query["code"] is [{ Length: > 0 } code])
        {
            await context.Response.WriteAsync("You are signed in. Go back to the terminal.\n");
            _code.TrySetResult(code);
            return;
        }
        await context.Response.WriteAsync("You are not signed in. Go back to the terminal.\n");
        _code.TrySetException(new SentenceException(
            $"The issuer did not sign you in: {Shown.Text(query["error"].ToString())} {Shown.Text(query["error_description"].ToString())}".TrimEnd(),
            ExitCode.Refused));
    }

    // The state says that it is the answer to what was asked here, and the issuer's name whose it is (RFC 9207).
    private bool IsAnswer(IQueryCollection query) =>
        query["state"] is [{ } state] && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(_state))
        && (query["iss"] is not [{ } issuer] || issuer == _issuer);
}
