using System.Collections;
using Maestro.Hosting;
using Maestro.Outside;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Maestro.Telemetry;

/// <summary>Wires traces, metrics and logs to whoever takes them. Where nobody does, nothing listens and spans are never made.</summary>
internal static class TelemetryRegistration
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>Whether somebody takes what the silo tells.</summary>
    public static bool IsTold(this SiloSettings settings) => settings.HealthPort > 0 || settings.HasCollector();

    /// <summary>Whether a collector takes traces, metrics and logs.</summary>
    public static bool HasCollector(this SiloSettings settings) =>
        settings.Telemetry.Otlp is not null || !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(Endpoint));

    public static void AddTelemetry(this HostApplicationBuilder builder, SiloSettings settings)
    {
        builder.Services.TraceOutside();
        if (settings.HasCollector())
        {
            builder.AddExporter(settings);
        }
        if (settings.HealthPort > 0)
        {
            builder.Services.AddSingleton(_ => new MetricsPage(InstanceOf(settings)));
        }
        if (settings.IsTold())
        {
            _ = settings.Database is null
                ? builder.Services.AddSingleton<IBacklog, SqliteBacklog>()
                : builder.Services.AddSingleton<IBacklog, PostgresBacklog>();
            builder.Services.AddHostedService<BacklogWatch>();
        }
    }

    /// <summary>Puts a span and a measurement around every call of an outside world.</summary>
    public static void TraceOutside(this IServiceCollection services)
    {
        services.Trace<IGitHost>("git");
        services.Trace<IInfrastructure>("infrastructure");
        services.Trace<IEdge>("edge");
        services.Trace<IRuntime>("release");
        services.Trace<IWorkshop>("workshop");
        services.Trace<IHealthProbe>("health");
        services.Trace<INames>("names");
        services.Trace<INotifier>("notifier");
        services.Trace<IReviewer>("review");
        services.Trace<IStaticAnalysis>("analysis");
        services.Trace<IPolicyEngine>("policy");
    }

    public static ResourceBuilder AddSilo(this ResourceBuilder resource, string instance) => resource.AddService(
        "maestro", serviceVersion: typeof(TelemetryRegistration).Assembly.GetName().Version?.ToString(3), autoGenerateServiceInstanceId: false,
        serviceInstanceId: instance);

    private static string InstanceOf(SiloSettings settings) => settings.Member?.Name ?? "up";

    private static void AddExporter(this HostApplicationBuilder builder, SiloSettings settings)
    {
        // Only these: other variables could change what else reads the configuration.
        builder.Configuration.AddInMemoryCollection(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => ((string)variable.Key).StartsWith(Prefix, StringComparison.Ordinal))
            .Select(variable => new KeyValuePair<string, string?>((string)variable.Key, (string?)variable.Value)));
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddSilo(InstanceOf(settings)))
            .WithTracing(traces => traces.AddSource(Traces.SourceName, "Microsoft.Orleans.Application")
                .SetSampler(new ParentBasedSampler(new RootSampler())))
            .WithMetrics(metrics => metrics.AddMeter(Instruments.MeterName, "Microsoft.Orleans"))
            .WithLogging(logs => { }, options => options.IncludeFormattedMessage = true);
        _ = settings.Telemetry.Otlp is { } otlp ? telemetry.UseOtlpExporter(ProtocolOf(), otlp) : telemetry.UseOtlpExporter();
    }

    private static OtlpExportProtocol ProtocolOf() =>
        Environment.GetEnvironmentVariable(Protocol) is "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;

    private static void Trace<TPort>(this IServiceCollection services, string port)
        where TPort : class
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false } inner && inner.ServiceType == typeof(TPort))
            {
                var key = new object();
                services.Add(inner switch
                {
                    { ImplementationInstance: { } instance } => ServiceDescriptor.KeyedSingleton(typeof(TPort), key, instance),
                    { ImplementationFactory: { } make } =>
                        ServiceDescriptor.DescribeKeyed(typeof(TPort), key, (provider, _) => make(provider), inner.Lifetime),
                    _ => ServiceDescriptor.DescribeKeyed(typeof(TPort), key, inner.ImplementationType!, inner.Lifetime),
                });
                services[i] = ServiceDescriptor.Describe(
                    typeof(TPort), provider => TracedPort<TPort>.Around(provider.GetRequiredKeyedService<TPort>(key), port), inner.Lifetime);
            }
        }
    }
}
