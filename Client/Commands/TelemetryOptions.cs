using System.CommandLine;
using Maestro.Hosting;

namespace Maestro.Commands;

/// <summary>Where a silo tells how it fares: the options of the verbs that start one.</summary>
internal sealed class TelemetryOptions
{
    private readonly Option<string?> _otlp = new("--otlp")
    {
        Description = "Send traces, metrics and logs to this OTLP collector. Default: $OTEL_EXPORTER_OTLP_ENDPOINT, else nowhere.",
        HelpName = "URL",
    };

    private readonly Option<int> _dashboard = Port("--dashboard-port", "A loopback port for the dashboard, for operators. Default: none.");

    public Option<int> Health { get; } = Port("--health-port", "A loopback port for /health/live, /health/ready and /metrics. Default: none.");

    public void AddTo(Command command)
    {
        command.Options.Add(Health);
        command.Options.Add(_otlp);
        command.Options.Add(_dashboard);
    }

    public TelemetrySettings Of(ParseResult parsed) =>
        TelemetrySettings.Of(parsed.GetValue(_otlp), parsed.GetValue(Health), parsed.GetValue(_dashboard));

    private static Option<int> Port(string name, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "PORT" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535)
            {
                result.AddError($"{name} is a number from 1 to 65535.");
            }
        });
        return option;
    }
}
