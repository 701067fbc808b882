using System.Text.RegularExpressions;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>Where it is asked who is in which team now.</summary>
/// <param name="Organization">The organization at GitHub whose teams have the names of the roster's.</param>
/// <param name="Api">The address of its REST interface.</param>
/// <param name="TokenFile">The file with a token that may read the organization's members.</param>
public sealed partial record TeamSettings(string Organization, Uri Api, string TokenFile)
{
    /// <summary>GitHub's own.</summary>
    public const string DefaultApi = "https://api.github.com/";

    /// <exception cref="RefusedException"><c>teams.options</c>: something is missing, or the address is not safe.</exception>
    public static TeamSettings? Of(string? organization, string? api, string? tokenFile)
    {
        if (organization is null && api is null && tokenFile is null)
        {
            return null;
        }
        if (organization is null || !Login().IsMatch(organization))
        {
            throw Refused("the name of an organization with --github-teams", organization ?? "none");
        }
        if (tokenFile is null)
        {
            throw Refused("a token with --github-token-file", "none");
        }
        var address = api ?? DefaultApi;
        return OutsideIssuer.IsSafe(address)
            ? new(organization, new Uri(address.EndsWith('/') ? address : $"{address}/"), tokenFile)
            : throw Refused("https://HOST with --github-api, or http:// on this machine", address);
    }

    // As GitHub has them; members of an enterprise have an underscore too.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Login();

    private static RefusedException Refused(string expected, string found) => new(new Reason(
        "teams.options", "Teams of GitHub are named with their organization and a token that may read its members.", expected,
        new UntrustedText(found).Shown(80), "Correct the options that begin with --github."));
}
