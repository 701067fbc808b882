using System.Text.RegularExpressions;
using Maestro.Deployments;

namespace Maestro.Applications;

/// <summary>What an administrator may register.</summary>
public static partial class Registration
{
    public const int MaxApplications = 1000;

    /// <summary>Why the registration is refused; null where it is not.</summary>
    public static Reason? FindFault(Application application, IEnumerable<Application> known)
    {
        var all = known.ToList();
        var others = all.Where(other => other.Name != application.Name).ToList();
        var before = all.Find(other => other.Name == application.Name);
        var ports = new[] { application.Staging.Port, application.Production.Port };
        return (application, before) switch
        {
            _ when !Name().IsMatch(application.Name) =>
                Fault("name", "A name has 1 to 40 lower-case letters, digits and dashes and begins with a letter.", "such a name", "another"),
            _ when !DeploymentId.TryParse($"pr/{application.Host}/{application.Owner}/{application.Name}/1", out _) =>
                Fault("owner", "Host and owner have letters, digits, dots, dashes and underscores.", "such a name", "another"),
            _ when !Name().IsMatch(application.Team) =>
                Fault("team", "A team's name has 1 to 40 lower-case letters, digits and dashes.", "such a name", "another"),
            _ when ports.Any(port => port is < 1 or > 65535) || ports[0] == ports[1] =>
                Fault("port", "Staging and production have different ports from 1 to 65535.", "two different ports", string.Join(" and ", ports)),
            _ when others.Any(other => ports.Contains(other.Staging.Port) || ports.Contains(other.Production.Port)) =>
                Fault("port", "A port serves one environment.", "ports of its own", string.Join(" and ", ports)),
            _ when application.Staging.Approvals is < 1 or > 10 || application.Production.Approvals is < 1 or > 10 =>
                Fault("approvals", "From 1 to 10 people approve.", "1 to 10", $"{application.Production.Approvals}"),
            (_, { } same) when same.Repository != application.Repository =>
                Fault("repository", "The repository of a registered application does not change.", same.Repository, application.Repository),
            _ when others.Any(other => other.Repository == application.Repository) =>
                Fault("repository", "A repository belongs to one application.", "a repository of its own", application.Repository),
            _ when others.Count >= MaxApplications => Fault("too-many", $"At most {MaxApplications} applications are registered.", "fewer", $"{others.Count}"),
            _ => null,
        };
    }

    private static Reason Fault(string code, string rule, string expected, string found) =>
        new($"application.{code}", rule, expected, found, "Correct it and use maestro app add again.");

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z")]
    private static partial Regex Name();
}
