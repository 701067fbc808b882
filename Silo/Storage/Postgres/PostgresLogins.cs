using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Maestro.Cluster;
using Maestro.Deployments;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>Makes the logins of silos: members of their roles' groups, and nothing else.</summary>
internal static partial class PostgresLogins
{
    /// <summary>Makes the login, or gives the one that there is this password and these roles and no others.</summary>
    /// <param name="roles">As on a command line.</param>
    /// <exception cref="RefusedException"><c>database.login-name</c>, or the login is one that Maestro did not make.</exception>
    /// <exception cref="Outside.OutsideException">The database did not answer, or does not let this user make logins.</exception>
    public static Task MakeAsync(PostgresSource source, string name, ImmutableArray<string> roles, string password, CancellationToken cancellation)
    {
        if (!Name().IsMatch(name) || SiloRoles.Names.Any(role => TableGrants.GroupOf(role) == name))
        {
            throw new RefusedException(new Reason("database.login-name", "A login's name is plain.",
                "a lower-case letter and up to 62 more, digits and underscores, and not a group of Maestro's", new Outside.UntrustedText(name).Shown(60),
                "Choose another name."));
        }
        return source.RunAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                await CheckAsync(connection, name, cancellation);
                await ExecuteAsync(connection, Text(name, roles, ScramVerifier.Of(password)), cancellation);
                await transaction.CommitAsync(cancellation);
                return true;
            },
            cancellation);
    }

    // Somebody else's login must not become a silo's by a slip of the keyboard.
    private static async Task CheckAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid)
              OR EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid AND NOT g.rolname = ANY($2))
            FROM pg_roles r WHERE rolname = $1
            """, connection);
        command.Add(name, SiloRoles.Names.Select(TableGrants.GroupOf).ToArray());
        if (await command.ExecuteScalarAsync(cancellation) is true)
        {
            throw new RefusedException(new Reason("database.login-taken", "A silo's login is nothing but a silo's.", "a new name, or a silo's login",
                $"{name}, which may do more", "Choose another name."));
        }
    }

    // A name of these letters needs no more than quotes, and a verifier is base64.
    private static string Text(string name, ImmutableArray<string> roles, string verifier) =>
        $"""
        DO $$ BEGIN
          IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{name}') THEN
            CREATE ROLE "{name}";
          END IF;
          EXECUTE format('GRANT CONNECT ON DATABASE %I TO "{name}"', current_database());
        END $$;
        ALTER ROLE "{name}" LOGIN INHERIT PASSWORD '{verifier}';
        REVOKE {string.Join(", ", SiloRoles.Names.Select(TableGrants.GroupOf))} FROM "{name}";
        GRANT {string.Join(", ", roles.Select(TableGrants.GroupOf))} TO "{name}";
        """;

    [SuppressMessage("Security", "CA2100", Justification = "The name is checked, the rest is this release's own.")]
    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,62}\z")]
    private static partial Regex Name();
}
