using System.Collections.Immutable;
using Maestro.Cluster;
using Maestro.Identity;
using Maestro.Rows;

namespace Maestro.Storage.Postgres;

/// <summary>What the silos of a role may do with one table.</summary>
/// <param name="Role">As on a command line, such as <c>control</c>.</param>
/// <param name="Verbs">Such as <c>SELECT</c>.</param>
internal sealed record TableGrant(string Table, string Role, ImmutableArray<string> Verbs);

/// <summary>
/// What the silos of each role may do with each table of the schema, all of it: <c>db migrate</c> grants exactly this, and every table is named. No
/// role changes or deletes what the log, the ledger, its signatures or the root's word consist of.
/// </summary>
internal static class TableGrants
{
    private static readonly ImmutableArray<string> Read = ["SELECT"];
    private static readonly ImmutableArray<string> Append = ["SELECT", "INSERT"];
    private static readonly ImmutableArray<string> Change = ["SELECT", "INSERT", "UPDATE"];
    private static readonly ImmutableArray<string> Take = ["SELECT", "INSERT", "DELETE"];
    private static readonly ImmutableArray<string> Keep = ["SELECT", "INSERT", "UPDATE", "DELETE"];

    /// <summary>One row for each table and role that may do anything with it.</summary>
    public static ImmutableArray<TableGrant> All { get; } =
    [
        .. ToAll("schema_version", Read),
        .. ToAll("installation", Read).Where(grant => grant.Role != "control"), To("installation", Append, "control"),
        .. ToAll("sign_in", Read).Where(grant => grant.Role != "control"), To("sign_in", Append, "control"),
        // What the root signed counts for its signature alone, and a silo that joins has to say so.
        .. ToAll("trust_document", Append),
        .. ToAll("orleansquery", Read),
        .. ToAll("orleansmembershipversiontable", Change),
        .. ToAll("orleansmembershiptable", Keep),
        // Orleans keeps a reminder wherever the ring of all silos puts it; they only guard the wakers.
        .. ToAll("orleansreminderstable", Keep),
        To("orleansstorage", Change, "control"), To("orleansstorage", Change, "custody"),
        To("deployment_log", Append, "control"), To("deployment_log", Read, "custody"),
        To("deployment_head", Change, "control"), To("deployment_head", Read, "deployment"), To("deployment_head", Read, "gateway"),
        To("ledger_outbox", Take, "control"),
        To("ledger", Append, "control"),
        To("ledger_tile", Append, "control"),
        To("ledger_checkpoint", Append, "control"),
        To("ledger_cosignature", Append, "control"),
        To("signs_of_life", Change, "control"),
        .. ToAll("outages", Read).Where(grant => grant.Role != "control"), To("outages", Append, "control"),
        To("duty", Change, "control"), To("duty", Change, "gateway"), To("duty", Change, "deployment"),
        To("inbox", Keep, "gateway"),
        To("message_nonce", Take, "control"),
        .. new[] { "review", "build", "infrastructure", "deployment" }.Select(role => To("message_nonce", Append, role)),
    ];

    /// <summary>Which grains' rows a role reads and writes in the one table that all of them share.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> States { get; } = StoredStates.Signers
        .GroupBy(state => SiloRoles.NameOf(state.Value), state => state.Key)
        .ToImmutableSortedDictionary(role => role.Key, role => role.ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>The group that a role's logins belong to.</summary>
    public static string GroupOf(string role) => $"maestro_{role}";

    /// <summary>The names of these roles as on a command line, each once.</summary>
    public static ImmutableArray<string> NamesOf(IEnumerable<Role> roles) =>
        [.. roles.Select(SiloRoles.NameOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IEnumerable<TableGrant> ToAll(string table, ImmutableArray<string> verbs) => SiloRoles.Names.Select(role => To(table, verbs, role));

    private static TableGrant To(string table, ImmutableArray<string> verbs, string role) => new(table, role, verbs);
}
