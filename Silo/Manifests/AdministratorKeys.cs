using System.Collections.Immutable;

namespace Maestro.Manifests;

/// <summary>
/// Keys that people expect in a manifest but that only an administrator decides, so that a change cannot widen its own reach.
/// </summary>
internal static class AdministratorKeys
{
    private static readonly ImmutableHashSet<string> Known = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "environment", "environments", "staging", "production", "port", "ports", "repository", "repositories", "repo", "host", "owner",
        "team", "teams",
        "approvals", "approvers", "reviewers", "secrets", "credentials", "policies", "roles");

    /// <summary>The rest of the sentence; null where the key is an ordinary mistake.</summary>
    public static string? WhyNot(string key, ImmutableArray<string> keys) => Known.Contains(key) && !keys.Contains(key)
        ? "environments and repositories, with their ports, teams and approvals, are registered by an administrator (maestro app add)."
        : null;
}
