using System.CommandLine;
using Maestro.Hosting;

namespace Maestro.Commands;

/// <summary>Where a silo takes in webhooks, and whose secrets sign them. A secret is in a file: a command line can be read by others.</summary>
internal sealed class WebhookOptions
{
    private readonly Option<int> _port = SharedOptions.Number("--webhook-port", "A loopback port for POST /webhooks/SOURCE. Default: none.", 0, 65535, 0);

    private readonly Option<string[]> _secrets = new("--webhook-secret")
    {
        Description = $"The file with a source's secret. FILE alone is the source {WebhookSettings.OnlySource}'s.",
        HelpName = "[SOURCE=]FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_port);
        command.Options.Add(_secrets);
    }

    /// <exception cref="Deployments.RefusedException">One of the two options is missing.</exception>
    public WebhookSettings? Of(ParseResult parsed) => WebhookSettings.Of(parsed.GetValue(_port), parsed.GetValue(_secrets) ?? []);
}
