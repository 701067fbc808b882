using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>How people sign in, and where the API answers those who did.</summary>
/// <param name="ApiPort">A loopback port; 0 for none.</param>
/// <param name="Issuer">The issuer that people sign in with; null for the silo's own, which a silo with an API has.</param>
public sealed record SignInSettings(int ApiPort = 0, OutsideIssuer? Issuer = null)
{
    public static SignInSettings None { get; } = new();

    /// <summary>This issuer, or none, takes the place of the one that the cluster's silos have agreed on.</summary>
    public bool ReplacesIssuer { get; init; }
}

/// <summary>An issuer of OpenID Connect, and what Maestro believes it.</summary>
/// <param name="Address">As it names itself in its tokens, letter for letter.</param>
/// <param name="Audience">Whom its tokens must be for.</param>
/// <param name="ClientId">What Maestro's console and pages are called there.</param>
/// <param name="Map">The roles that each value of the claim gives; any other value gives none.</param>
public sealed record OutsideIssuer(string Address, string Audience, string ClientId, ImmutableDictionary<string, ImmutableArray<Role>> Map)
{
    /// <summary>The claim that the map is about; dots lead into objects, as in <c>realm_access.roles</c>.</summary>
    public string Claim { get; init; } = "groups";

    /// <summary>What is asked of the issuer.</summary>
    public string Scope { get; init; } = "openid";

    /// <summary>The file with the client's secret, for pages; null where the client has none.</summary>
    public string? SecretFile { get; init; }

    public StepUp StepUp { get; init; } = new(TimeSpan.FromMinutes(15), []);

    /// <param name="map">Each <c>VALUE=ROLE</c>.</param>
    /// <exception cref="RefusedException"><c>oidc.options</c>: the issuer has no safe address, nobody to be for, or the map is none.</exception>
    public static OutsideIssuer? Of(string? address, string? audience, string? clientId, IReadOnlyList<string> map)
    {
        if (address is not { Length: > 0 })
        {
            return audience is null && clientId is null && map.Count == 0 ? null : throw Refused("--oidc-issuer", "other options of an issuer without it");
        }
        if (!IsSafe(address))
        {
            throw Refused("https://HOST, or http:// on this machine, without a query", new UntrustedText(address).Shown(80));
        }
        if (audience is not { Length: > 0 })
        {
            throw Refused("--oidc-audience", "tokens for anybody");
        }
        if (map.Count == 0)
        {
            throw Refused("--oidc-map VALUE=ROLE at least once", "claims that give nobody any role");
        }
        var roles = map.Select(Parse).GroupBy(pair => pair.Value, pair => pair.Role, StringComparer.Ordinal);
        return new(address, audience, clientId is { Length: > 0 } ? clientId : audience,
            roles.ToImmutableDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal));
    }

    /// <summary>Whether nobody on the way can read or change what is asked there.</summary>
    public static bool IsSafe(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && IsSafe(uri) && uri.Query.Length == 0;

    /// <inheritdoc cref="IsSafe(string)"/>
    public static bool IsSafe(Uri address) => address.UserInfo.Length == 0 && address.Fragment.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.Host is "127.0.0.1" or "[::1]" or "localhost"));

    private static (string Value, Role Role) Parse(string text)
    {
        // A value may have a sign of equality in it, as names of directories do; a role has none.
        var at = text.LastIndexOf('=');
        var named = Principal.PeopleRoles.Where(role => at > 0 && Principal.Name(role) == text[(at + 1)..]).ToArray();
        return named is [var role] ? (text[..at], role)
            : throw Refused($"VALUE=ROLE with a role among {string.Join(", ", Principal.PeopleRoles.Select(Principal.Name))}",
                new UntrustedText(text).Shown(80));
    }

    private static RefusedException Refused(string expected, string found) => new(new Reason(
        "oidc.options", "An issuer is named with its address, whom its tokens are for, and what its claims give.", expected, found,
        "Correct the options that begin with --oidc."));
}
