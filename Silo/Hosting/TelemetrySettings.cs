using Maestro.Deployments;

namespace Maestro.Hosting;

/// <summary>Where a silo tells how it fares. By default nowhere.</summary>
/// <param name="Otlp">The collector that takes OTLP; null for the one that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names, if any.</param>
/// <param name="HealthPort">The loopback port of <c>/health</c> and <c>/metrics</c> of a silo on its own; 0 for none.</param>
/// <param name="DashboardPort">The loopback port of the dashboard, for operators; 0 for none.</param>
public sealed record TelemetrySettings(Uri? Otlp = null, int HealthPort = 0, int DashboardPort = 0)
{
    public static TelemetrySettings None { get; } = new();

    /// <param name="otlp">The collector's address as it was given; empty or null for none.</param>
    /// <exception cref="RefusedException"><c>telemetry.otlp</c>: it is no address.</exception>
    public static TelemetrySettings Of(string? otlp, int healthPort, int dashboardPort) => new(
        string.IsNullOrWhiteSpace(otlp) ? null
            : Uri.TryCreate(otlp, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
            : throw new RefusedException(new Reason(
                "telemetry.otlp", "A collector is named by its address.", "http://HOST:PORT or https://HOST:PORT",
                new Outside.UntrustedText(otlp).Shown(80), "Correct --otlp.")),
        healthPort, dashboardPort);
}
