using System.CommandLine;
using Maestro.Hosting;

namespace Maestro.Commands;

/// <summary>How people sign in to a silo. The same for all silos of a cluster.</summary>
internal sealed class SignInOptions
{
    private readonly Option<int> _port = SharedOptions.Number("--api-port", "A loopback port for the API, which reads only; 0 for none.", 0, 65535, 0);
    private readonly Option<string?> _issuer = Text("--oidc-issuer", "People sign in with this issuer of OpenID Connect, beside their key.", "URL");
    private readonly Option<string?> _audience = Text("--oidc-audience", "Whom the issuer's tokens are for.", "TEXT");
    private readonly Option<string?> _client = Text("--oidc-client-id", "The console's and pages' name at the issuer. Default: the audience.", "TEXT");
    private readonly Option<string?> _secret = Text("--oidc-client-secret-file", "The file with the client's secret, for pages.", "FILE");
    private readonly Option<string> _claim = SharedOptions.Word("--oidc-claim", "The claim that gives roles.", "NAME", "groups");
    private readonly Option<string[]> _map = Texts("--oidc-map", "A value of the claim, and the role that it gives.", "VALUE=ROLE");
    private readonly Option<string> _scope = SharedOptions.Word("--oidc-scope", "What is asked of the issuer.", "TEXT", "openid");
    private readonly Option<string[]> _levels = Texts("--oidc-acr", "An acr of the issuer that counts as more than one factor.", "VALUE");

    private readonly Option<int> _minutes = SharedOptions.Number(
        "--step-up-minutes", "How long ago a sign-in may be for what asks for more than one factor.", 1, 1440, 15);

    private readonly Option<bool> _replaces = new("--replace-issuer")
    {
        Description = "Make this issuer, or none, that of the whole cluster, whose silos are stopped.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_port, _issuer, _audience, _client, _secret, _claim, _map, _scope, _levels, _minutes, _replaces])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="Deployments.RefusedException">The issuer is not named fully, or not safely.</exception>
    public SignInSettings Of(ParseResult parsed)
    {
        var issuer = OutsideIssuer.Of(
            parsed.GetValue(_issuer), parsed.GetValue(_audience), parsed.GetValue(_client), parsed.GetValue(_map) ?? []);
        return new(parsed.GetValue(_port), issuer is null ? null : issuer with
        {
            Claim = parsed.GetValue(_claim)!,
            Scope = parsed.GetValue(_scope)!,
            SecretFile = SharedOptions.GivenFolder(parsed, _secret),
            StepUp = new(TimeSpan.FromMinutes(parsed.GetValue(_minutes)), [.. parsed.GetValue(_levels) ?? []]),
        })
        {
            ReplacesIssuer = parsed.GetValue(_replaces),
        };
    }

    private static Option<string?> Text(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };

    private static Option<string[]> Texts(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };
}
