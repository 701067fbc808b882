using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;

namespace Maestro.Storage.Postgres;

/// <summary>What the login of a silo may do, compared with what its roles need.</summary>
/// <param name="Excess">What it may do and should not, in words; empty where nothing.</param>
/// <param name="Missing">What it should be able to do and may not.</param>
internal sealed record LoginRights(string Login, ImmutableArray<string> Excess, ImmutableArray<string> Missing)
{
    private const int Shown = 3;

    private const string Attributes =
        """
        SELECT CASE WHEN rolsuper THEN 'is a superuser' END,
          CASE WHEN rolcreaterole THEN 'makes logins' END,
          CASE WHEN rolcreatedb THEN 'makes databases' END,
          CASE WHEN rolbypassrls THEN 'passes row level security' END,
          CASE WHEN rolreplication THEN 'replicates' END,
          CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 'makes tables' END,
          CASE WHEN has_database_privilege(current_database(), 'CREATE') THEN 'makes schemas' END,
          CASE WHEN EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'MEMBER'))
            THEN 'owns tables' END,
          (SELECT 'may become ' || string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles other
            WHERE other.rolname <> current_user AND NOT other.rolname = ANY($1) AND pg_has_role(other.oid, 'MEMBER')),
          current_user::text
        FROM pg_roles WHERE rolname = current_user
        """;

    private const string Tables =
        """
        SELECT relname::text, verb FROM pg_class,
          unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS verb
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
          AND (has_table_privilege(pg_class.oid, verb)
            OR (verb IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(pg_class.oid, verb)))
        """;

    /// <param name="roles">Those of the silo.</param>
    /// <exception cref="Outside.OutsideException">The database did not answer.</exception>
    public static async Task<LoginRights> ReadAsync(PostgresSource source, IEnumerable<Role> roles, CancellationToken cancellation)
    {
        var names = TableGrants.NamesOf(roles);
        var (said, login) = (await source.SelectAsync(
            Attributes, row => (Enumerable.Range(0, 9).Where(column => !row.IsDBNull(column)).Select(row.GetString).ToImmutableArray(), row.GetString(9)),
            cancellation, (object)names.Select(TableGrants.GroupOf).ToArray()))[0];
        if (said is ["is a superuser", ..])
        {
            return new(login, said[..1], []);
        }
        var needed = TableGrants.All.Where(grant => names.Contains(grant.Role, StringComparer.Ordinal))
            .SelectMany(grant => grant.Verbs.Select(verb => (grant.Table, verb))).ToHashSet();
        var granted = (await source.SelectAsync(Tables, row => (row.GetString(0), row.GetString(1)), cancellation)).ToHashSet();
        return new(login,
            [.. said, .. granted.Except(needed).Select(InWords).Order(StringComparer.Ordinal)],
            [.. needed.Except(granted).Select(InWords).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Why a silo of these roles must not start with it; null where it may.</summary>
    /// <param name="isAny">The operator takes a login that may do more.</param>
    public Reason? FindFault(IEnumerable<Role> roles, bool isAny)
    {
        var names = string.Join(",", TableGrants.NamesOf(roles));
        return !Excess.IsEmpty && !isAny
            ? new(DatabaseLogin.Strong, "A silo's database login may do no more than its roles need.", $"a login for {names}",
                $"{Login}, which {Sentence(Excess)}",
                $"Make one with 'maestro db login NAME --roles {names}', and use what it writes. For a trial alone, start with --any-login.")
            : !Missing.IsEmpty
                ? new("database.login-weak", "A silo's database login may do what its roles need.", $"a login for {names}",
                    $"{Login}, which lacks {Sentence(Missing)}",
                    $"Run 'maestro db migrate' as the owner, then 'maestro db login {Login} --roles {names}'.")
                : null;
    }

    /// <summary>The first of them, and how many there are.</summary>
    public static string Sentence(ImmutableArray<string> rights) =>
        string.Join(", ", rights.Take(Shown)) + (rights.Length > Shown ? FormattableString.Invariant($" and {rights.Length - Shown} more") : "");

    private static string InWords((string Table, string Verb) right) => $"{right.Verb} on {right.Table}";
}
