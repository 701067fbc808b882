using Microsoft.AspNetCore.Builder;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Maestro.Telemetry;

/// <summary><c>/metrics</c>: Maestro's own metrics in the text format of Prometheus.</summary>
/// <param name="instance">The silo's name.</param>
internal sealed class MetricsPage(string instance) : IDisposable
{
    public const string Path = "/metrics";

    private readonly MeterProvider _provider = Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddSilo(instance))
        .AddMeter(Instruments.MeterName)
        .AddPrometheusExporter(options => options.ScopeInfoEnabled = false)
        .Build();

    public void Map(IApplicationBuilder server) => server.UseOpenTelemetryPrometheusScrapingEndpoint(_provider, null, Path, null, null);

    public void Dispose() => _provider.Dispose();
}
