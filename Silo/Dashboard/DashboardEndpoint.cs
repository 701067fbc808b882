using System.Net;
using Maestro.Edge;
using Maestro.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Dashboard;

namespace Maestro.Dashboard;

/// <summary>Orleans' dashboard on a loopback port of its own, behind the gate. What grains have stored it does not show, nor the log.</summary>
internal sealed class DashboardEndpoint(DashboardSettings settings, IDashboardGate gate, IGrainFactory grains) : IHostedService, IAsyncDisposable
{
    // Grains' state has open questions and locks in it, which the console shows to those who may see them.
    private static readonly PathString Hidden = "/GrainState";

    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, settings.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>().AddSingleton(grains);
        new Pages(builder.Services, builder.Configuration).AddDashboard(options => options.HideTrace = true);
        gate.Prepare(builder.Services);
        _server = builder.Build();
        gate.Use(_server);
        _server.Use(async (context, next) =>
        {
            if (!await gate.AdmitAsync(context))
            {
                return;
            }
            if (context.Request.Path.StartsWithSegments(Hidden, StringComparison.OrdinalIgnoreCase))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
            await next(context);
        });
        _server.UseRouting();
        _server.MapOrleansDashboard();
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

    /// <summary>What the pages need, beside the silo that they show.</summary>
    private sealed class Pages(IServiceCollection services, IConfiguration configuration) : IClientBuilder
    {
        public IServiceCollection Services => services;

        public IConfiguration Configuration => configuration;
    }
}

/// <param name="Port">A loopback port.</param>
internal sealed record DashboardSettings(int Port);

/// <summary>Wires the dashboard into a silo.</summary>
internal static class DashboardRegistration
{
    /// <param name="issuer">Where operators sign in; null where they show a token under their own key.</param>
    public static void AddOperatorDashboard(this ISiloBuilder silo, int port, OutsideIssuer? issuer = null)
    {
        if (port > 0)
        {
            silo.AddDashboard(options => options.HideTrace = true);
            silo.Services.AddSingleton(new DashboardSettings(port));
            if (issuer is not null)
            {
                // The key alone is not enough where a session is asked for beside it.
                silo.Services.AddSingleton(issuer).TryAddSingleton<IDashboardGate, SignedInGate>();
            }
            silo.Services.TryAddSingleton<IDashboardGate, OperatorGate>();
            silo.Services.AddHostedService<DashboardEndpoint>();
        }
    }
}
