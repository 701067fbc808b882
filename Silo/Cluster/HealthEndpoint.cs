using System.Net;
using Maestro.Edge;
using Maestro.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Maestro.Cluster;

/// <summary>
/// <c>/health/live</c> says that the process answers; <c>/health/ready</c> that it is a member of its cluster and its database answers, or
/// why not; <c>/metrics</c> how it fares. On a loopback port.
/// </summary>
internal sealed class HealthEndpoint(HealthSettings settings, ISiloStatusOracle silos, IReadiness readiness, MetricsPage metrics)
    : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, settings.Port);
        });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        _server = builder.Build();
        metrics.Map(_server);
        _server.Run(AnswerAsync);
        await _server.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var problem = context.Request.Path.Value switch
        {
            "/health/live" => null,
            "/health/ready" => await ProblemAsync(context.RequestAborted),
            _ => "",
        };
        context.Response.StatusCode = problem switch
        {
            null => StatusCodes.Status200OK,
            "" => StatusCodes.Status404NotFound,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(
            problem is null ? "ok\n" : problem.Length == 0 ? "Ask for /health/live, /health/ready or /metrics.\n" : $"{problem}\n");
    }

    private async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        if (silos.CurrentStatus != SiloStatus.Active)
        {
            return $"This silo is {silos.CurrentStatus}, not a member of its cluster.";
        }
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(Within);
        return await readiness.FindProblemAsync(within.Token);
    }
}

/// <param name="Port">A loopback port.</param>
internal sealed record HealthSettings(int Port);

/// <summary>What a silo needs to do its work.</summary>
internal interface IReadiness
{
    /// <summary>Why this silo cannot work, as a sentence; null where it can.</summary>
    Task<string?> FindProblemAsync(CancellationToken cancellation);
}
