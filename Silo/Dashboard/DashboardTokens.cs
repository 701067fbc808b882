using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Dashboard;

/// <summary>Tokens for the dashboard: signed with the person's own key, for one cluster's dashboard, good for a minute.</summary>
internal static class DashboardTokens
{
    internal const string Audience = "maestro.dashboard/Enter";

    public static string Issue(PersonKey person, string cluster, TimeProvider time) =>
        CallTokens.Issue(person.Sign, person.Person, Audience, cluster, [], null, time);

    /// <summary>The claims where a person's own key signed them for this cluster's dashboard and they are good now; else null and what is wrong.</summary>
    public static CallToken? Verify(string? token, IKeyring keyring, string cluster, DateTimeOffset now, out string? problem) =>
        CallTokens.Verify(token, keyring, Audience, cluster, now, out problem);
}
