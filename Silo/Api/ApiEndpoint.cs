using System.Net;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Maestro.Api;

/// <summary>
/// The API on a loopback port, which reads and changes nothing, and beside it the silo's own issuer where there is one. A request under another name
/// than loopback's is turned away, so that no page on the network can speak for a browser.
/// </summary>
internal sealed class ApiEndpoint(ApiSettings settings, ApiGate gate, DeploymentsApi deployments, OwnIssuer? issuer = null, TokenDesk? desk = null)
    : IHostedService, IAsyncDisposable
{
    private const string Deployments = "/api/v1/deployments";
    private const string Token = "/token";
    private const int LargestBody = 16 << 10;
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(IPAddress.Loopback, settings.Port);
        });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        _server = builder.Build();
        _server.Run(async context => await (await AnswerAsync(context.Request)).WriteAsync(context));
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (IOException failure)
        {
            throw new RefusedException(new Reason("api.port", "The port of the API is this silo's own.", $"port {settings.Port} to be free",
                failure.Message, "Name another one with --api-port."));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task<ApiAnswer> AnswerAsync(HttpRequest request)
    {
        try
        {
            if (request.Host.Host is not ("127.0.0.1" or "localhost"))
            {
                throw gate.Refuse("Host", "api.host", "a request to 127.0.0.1 or localhost", "a request for another host", "Name the address itself.");
            }
            return await RouteAsync(request);
        }
        catch (RefusedException refused)
        {
            return ApiAnswer.Of(refused.Reason);
        }
        catch (BadHttpRequestException)
        {
            return ApiAnswer.Of(new Reason("api.request", "A request is small and well formed.",
                $"at most {LargestBody} bytes", "something else", "Correct it."));
        }
        catch (Exception silent) when (silent is OutsideException or OrleansException or TimeoutException)
        {
            return ApiAnswer.Of(new Reason("api.unavailable", "The API tells what the cluster knows.", "an answer", "none in time", "Ask again later."));
        }
    }

    private async Task<ApiAnswer> RouteAsync(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var method = path == Token && issuer is not null ? HttpMethods.Post : HttpMethods.Get;
        if (!HttpMethods.Equals(request.Method, method))
        {
            throw gate.Refuse("Method", "api.method", method, new UntrustedText(request.Method).Shown(16),
                "Nothing can be changed here; the console does that, with the person's key.");
        }
        return path switch
        {
            "/.well-known/openid-configuration" when issuer is not null => ApiAnswer.Of(issuer.Configuration()),
            "/jwks" when issuer is not null => ApiAnswer.Of(issuer.KeySet()),
            Token when desk is not null => await ExchangeAsync(request, desk),
            "/api/v1/me" => DeploymentsApi.Me(await gate.AdmitAsync(request, "Me")),
            Deployments => await deployments.ListAsync(await gate.AdmitAsync(request, "Deployments"), request.Query),
            _ when path.StartsWith($"{Deployments}/", StringComparison.Ordinal) =>
                await deployments.GetAsync(await gate.AdmitAsync(request, "Deployment"), path[(Deployments.Length + 1)..]),
            _ => throw new RefusedException(new Reason("api.unknown", "The API has a few addresses.",
                "/api/v1/me, /api/v1/deployments or the latter with an id", new UntrustedText(path).Shown(80), "Ask for one of these.")),
        };
    }

    // A browser sends no form of this kind without being asked to, and an assertion is signed for this issuer, so it needs no further guard.
    private async Task<ApiAnswer> ExchangeAsync(HttpRequest request, TokenDesk from)
    {
        var form = request.HasFormContentType ? await request.ReadFormAsync() : null;
        if (form?["grant_type"].ToString() != SessionAssertion.GrantType)
        {
            return new(StatusCodes.Status400BadRequest, new { error = "unsupported_grant_type" });
        }
        if (from.Exchange(form["assertion"].ToString(), out var problem) is { } session)
        {
            return ApiAnswer.Of(new Dictionary<string, object>
            {
                ["access_token"] = session,
                ["token_type"] = "Bearer",
                ["expires_in"] = (int)OwnIssuer.Life.TotalSeconds,
            });
        }
        gate.Refuse("Token", "api.assertion", "an assertion", problem, "");
        return new(StatusCodes.Status400BadRequest, new Dictionary<string, object> { ["error"] = "invalid_grant", ["error_description"] = problem });
    }
}

/// <param name="Port">A loopback port.</param>
internal sealed record ApiSettings(int Port);
