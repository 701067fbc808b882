using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Maestro.Identity;

/// <summary>
/// Names of those who act: a person's roster id, <c>role:</c> and the role of a silo in lower case, or <c>webhook:</c> and a source of webhooks.
/// </summary>
public static partial class Principal
{
    private const string RolePrefix = "role:";
    private const string WebhookPrefix = "webhook:";

    /// <summary>The roles that silos have.</summary>
    public static ImmutableArray<Role> SiloRoles { get; } =
        [Role.Control, Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Desk, Role.Custody, Role.Gateway, Role.Ledger];

    /// <summary>The roles that people have.</summary>
    public static ImmutableArray<Role> PeopleRoles { get; } =
        [Role.Viewer, Role.Author, Role.Reviewer, Role.Sre, Role.Security, Role.Admin];

    private static readonly ImmutableDictionary<string, Role> ByName =
        SiloRoles.ToImmutableDictionary(OfRole, role => role, StringComparer.Ordinal);

    public static string OfRole(Role role) => RolePrefix + Name(role);

    /// <summary>The role in lower case, as files and principals are named.</summary>
    public static string Name(Role role) =>
        string.Create(role.ToString().Length, role, (name, value) => value.ToString().AsSpan().ToLowerInvariant(name));

    /// <summary>The silo's role that a principal names; null for a person or anything else.</summary>
    public static Role? RoleOf(string principal) => ByName.TryGetValue(principal, out var role) ? role : null;

    /// <summary>Who stands behind a call that a delivery began; it has no key and no role, so nobody can act as it.</summary>
    public static string OfWebhook(string source) => WebhookPrefix + source;

    /// <summary>Whether this may name a source of webhooks: a lower-case letter and up to 39 more, digits and dashes.</summary>
    public static bool IsSource(string source) => SourceName().IsMatch(source);

    /// <summary>Whether this may be a person's id: a lower-case letter and up to 62 more, digits, dots, dashes; not root.</summary>
    public static bool IsPersonId(string? id) => id is not (null or "root") && PersonId().IsMatch(id);

    /// <summary>Whether this can name somebody who acts.</summary>
    public static bool IsOne(string? name) => name is not null && (RoleOf(name) is not null || IsPersonId(name)
        || (name.StartsWith(WebhookPrefix, StringComparison.Ordinal) && IsSource(name[WebhookPrefix.Length..])));

    [GeneratedRegex(@"\A[a-z][a-z0-9.-]{0,62}\z")]
    private static partial Regex PersonId();

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z")]
    private static partial Regex SourceName();
}
