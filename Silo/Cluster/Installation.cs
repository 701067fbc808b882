using Maestro.Deployments;
using Maestro.Outside;
using Maestro.Storage.Postgres;
using Npgsql;

namespace Maestro.Cluster;

/// <summary>The one installation that a database belongs to: the name of its cluster and its root of trust.</summary>
internal static class Installation
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>Joins the installation, or founds it where the database has none.</summary>
    /// <param name="root">The public key of the root in base64.</param>
    /// <returns>The cluster's name, the same for all its silos.</returns>
    /// <exception cref="RefusedException">
    /// <c>database.foreign</c>: another installation has it; <c>clock.skewed</c>: this machine's clock is not the database's.
    /// </exception>
    /// <exception cref="OutsideException">The database did not answer.</exception>
    public static async Task<string> JoinAsync(PostgresSource source, string root, TimeProvider time, CancellationToken cancellation)
    {
        var (cluster, owner, now) = await FoundAsync(source, root, time, cancellation);
        if (owner != root)
        {
            throw new RefusedException(new Reason(
                "database.foreign", "A database belongs to one installation, known by its root of trust.", Shown(root), $"{source.Shown} of {Shown(owner)}",
                "Name another database, or start with the data folder whose keys made this one."));
        }
        var off = (time.GetUtcNow() - now).Duration();
        return off <= Skew ? cluster : throw new RefusedException(new Reason(
            "clock.skewed", "A silo's clock is the database's within 5 seconds.", $"{now:O}", $"{time.GetUtcNow():O}, {off.TotalSeconds:F0} s away",
            "Set this machine's clock, with NTP for example, and start again."));
    }

    // Only the control role founds one: the login of another waits until it is there.
    private static async Task<(string Cluster, string Root, DateTimeOffset Now)> FoundAsync(
        PostgresSource source, string root, TimeProvider time, CancellationToken cancellation)
    {
        while (true)
        {
            if (await source.SelectAsync(
                "SELECT cluster, root, clock_timestamp() FROM installation",
                row => (row.GetString(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), cancellation) is [var found])
            {
                return found;
            }
            try
            {
                await source.ExecuteAsync("INSERT INTO installation (one, cluster, root) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING", cancellation,
                    $"maestro-{Guid.NewGuid():N}", root);
            }
            catch (OutsideException forbidden) when (forbidden.InnerException is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
            {
                await Task.Delay(Pace, time, cancellation);
            }
        }
    }

    private static string Shown(string root) => $"root {Digest.Of(System.Text.Encoding.UTF8.GetBytes(root)).Abbreviated}";
}
