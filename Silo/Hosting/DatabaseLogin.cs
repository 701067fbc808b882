using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Storage.Postgres;
using Npgsql;

namespace Maestro.Hosting;

/// <summary>The database login of a silo, with no more rights than its roles need.</summary>
/// <param name="Name">Of the login.</param>
public sealed record DatabaseLogin(string Name, ImmutableArray<Role> Roles)
{
    /// <summary>The code of a login that may do more than its roles need.</summary>
    public const string Strong = "database.login-strong";

    private const int PasswordBytes = 24;

    /// <summary>Why a silo of these roles must not start with this way to the database; null where it may.</summary>
    /// <exception cref="RefusedException">The text cannot be read.</exception>
    /// <exception cref="Outside.OutsideException">The database did not answer.</exception>
    public static async Task<Reason?> FindFaultAsync(string text, ImmutableArray<Role> roles, CancellationToken cancellation)
    {
        await using var source = new PostgresSource(text);
        return (await LoginRights.ReadAsync(source, roles, cancellation)).FindFault(roles, isAny: false);
    }

    /// <summary>Makes the login with a new password, and a file for its owner alone that says <c>MAESTRO_DATABASE</c>, as systemd and shells read it.</summary>
    /// <param name="text">The database, as its owner or whoever may make logins.</param>
    /// <exception cref="RefusedException">There is a file already, or the login is not one that Maestro made.</exception>
    /// <exception cref="Outside.OutsideException">The database did not answer.</exception>
    public async Task MakeAsync(string text, string file, CancellationToken cancellation)
    {
        if (File.Exists(file))
        {
            throw new RefusedException(new Reason(
                "database.login-file", "A login's file is a new one.", "no file", file, "Name another with --out, or remove it."));
        }
        await using var source = new PostgresSource(text);
        var own = await MakeAsync(source, text, cancellation);
        PrivateFile.Create(file, Encoding.UTF8.GetBytes($"MAESTRO_DATABASE=\"{own}\"\n"));
    }

    /// <returns>The text with which the silo reaches the database.</returns>
    internal async Task<string> MakeAsync(PostgresSource source, string text, CancellationToken cancellation)
    {
        var password = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(PasswordBytes));
        await PostgresLogins.MakeAsync(source, Name, TableGrants.NamesOf(Roles), password, cancellation);
        var own = new NpgsqlConnectionStringBuilder(text) { Username = Name, Password = password };
        own.Remove(nameof(own.Passfile));
        return own.ConnectionString;
    }
}
