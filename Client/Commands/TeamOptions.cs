using System.CommandLine;
using Maestro.Hosting;

namespace Maestro.Commands;

/// <summary>Where a silo asks who is in which team now.</summary>
internal sealed class TeamOptions
{
    private readonly Option<string?> _organization = new("--github-teams")
    {
        Description = "Who decides is in the team of this organization too, at that moment.",
        HelpName = "ORGANIZATION",
    };

    private readonly Option<string?> _token = new("--github-token-file")
    {
        Description = "The file with a token that may read the organization's members.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _api = new("--github-api")
    {
        Description = $"GitHub's REST interface. Default: {TeamSettings.DefaultApi}",
        HelpName = "URL",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_organization);
        command.Options.Add(_token);
        command.Options.Add(_api);
    }

    /// <exception cref="Deployments.RefusedException">Something is missing, or the address is not safe.</exception>
    public TeamSettings? Of(ParseResult parsed) =>
        TeamSettings.Of(parsed.GetValue(_organization), parsed.GetValue(_api), SharedOptions.GivenFolder(parsed, _token));
}
