using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>Where a silo takes in webhooks.</summary>
/// <param name="Port">A loopback port.</param>
/// <param name="Secrets">The file with the secret of each source, by the source's name.</param>
public sealed record WebhookSettings(int Port, ImmutableDictionary<string, string> Secrets)
{
    /// <summary>The source whose secret is given without a name.</summary>
    public const string OnlySource = "generic";

    /// <param name="secrets">Each <c>FILE</c> or <c>SOURCE=FILE</c>.</param>
    /// <exception cref="RefusedException"><c>webhook.options</c>: a port without a secret, a secret without a port, or a source twice.</exception>
    public static WebhookSettings? Of(int port, IReadOnlyList<string> secrets)
    {
        var named = secrets.Select(Parse).ToList();
        return (port, named) switch
        {
            (0, []) => null,
            (0, _) => throw Refused("--webhook-port with --webhook-secret", "a secret without a port"),
            (_, []) => throw Refused("--webhook-secret with --webhook-port", "a port without a secret"),
            _ when named.Select(secret => secret.Source).Distinct(StringComparer.Ordinal).Count() < named.Count =>
                throw Refused("one secret for each source", "a source twice"),
            _ => new(port, named.ToImmutableDictionary(secret => secret.Source, secret => secret.Path, StringComparer.Ordinal)),
        };
    }

    private static (string Source, string Path) Parse(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        var (source, path) = at > 0 && Principal.IsSource(text[..at]) ? (text[..at], text[(at + 1)..]) : (OnlySource, text);
        return path.Length > 0 ? (source, Path.GetFullPath(path)) : throw Refused("a file", $"nothing for {new UntrustedText(source).Shown(40)}");
    }

    private static RefusedException Refused(string expected, string found) => new(new Reason(
        "webhook.options", "Webhooks come in at a port of their own, signed with a secret.", expected, found, "Give both options, or neither."));
}
