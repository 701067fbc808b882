using System.Diagnostics.CodeAnalysis;
using System.Text;
using Maestro.Cluster;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>
/// Gives each role of silos exactly the rights of <see cref="TableGrants"/>, as a group that nobody logs in as. Every migration does it anew, so a
/// right that is no longer in the list goes.
/// </summary>
internal static class PostgresGrants
{
    /// <summary>Within the caller's transaction, as the owner of the tables.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Texts are made of this release's own lists.")]
    public static async Task ApplyAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Text(), connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Text()
    {
        var text = new StringBuilder();
        var groups = string.Join(", ", SiloRoles.Names.Select(TableGrants.GroupOf));
        foreach (var role in SiloRoles.Names)
        {
            text.AppendLine(Group(TableGrants.GroupOf(role)));
        }
        // Whoever has a login to the server, for another database on it, gets into this one only if he is let in.
        text.AppendLine(
            $"""
            DO $$ BEGIN
              EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
              EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
              EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, {groups}', current_schema());
              EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, {groups}', current_schema());
              EXECUTE format('REVOKE ALL ON SCHEMA %I FROM {groups}', current_schema());
              EXECUTE format('GRANT USAGE ON SCHEMA %I TO {groups}', current_schema());
            END $$;
            """);
        foreach (var grant in TableGrants.All)
        {
            text.AppendLine($"GRANT {string.Join(", ", grant.Verbs)} ON {grant.Table} TO {TableGrants.GroupOf(grant.Role)};");
        }
        text.AppendLine("ALTER TABLE orleansstorage ENABLE ROW LEVEL SECURITY;");
        foreach (var (role, states) in TableGrants.States)
        {
            var (group, own) = (TableGrants.GroupOf(role), $"graintypestring IN ({string.Join(", ", states.Select(state => $"'{state}'"))})");
            text.AppendLine($"DROP POLICY IF EXISTS {group} ON orleansstorage;");
            text.AppendLine($"CREATE POLICY {group} ON orleansstorage TO {group} USING ({own}) WITH CHECK ({own});");
        }
        return text.ToString();
    }

    // Groups belong to the whole server, where another database may be making them at this moment.
    private static string Group(string name) =>
        $"""
        DO $$ BEGIN
          IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{name}') THEN
            CREATE ROLE {name} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
          END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$;
        """;
}
