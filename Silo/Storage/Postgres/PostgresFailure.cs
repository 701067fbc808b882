using System.Data.Common;
using System.Net.Sockets;
using Maestro.Deployments;
using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>What PostgreSQL's failures mean. None of them says whether an effect took place.</summary>
internal static class PostgresFailure
{
    /// <summary>The database failed, or the way to it did.</summary>
    public static bool IsOfDatabase(Exception failure) =>
        failure is DbException or TimeoutException or SocketException or IOException or InvalidOperationException;

    /// <summary>
    /// The row itself is at fault: asking again gets the same answer. Classes 22, 23 and 54 of the SQL standard, and text that is no text.
    /// </summary>
    public static bool IsOfRow(Exception failure) => failure is PostgresException { SqlState: ['2', '2' or '3', ..] or ['5', '4', ..] } or ArgumentException;

    /// <summary>Two writers met; the loser was rolled back as a whole and may ask again at once.</summary>
    public static bool IsOfOrder(Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    public static OutsideException Of(Exception failure, string database) => new(Describe(failure, database), failure);

    public static RefusedException OfRow(Exception failure) => new(new Reason(
        "storage.row", "An entry must fit its table.", "texts and sizes within the table's limits", failure.Message,
        "This is a defect in Maestro; please report it."));

    private static Reason Describe(Exception failure, string database) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused => Reason(
            "storage.login", "The database must admit Maestro's user.", $"{database}: {refused.MessageText}", "Correct user or password in --database."),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => Reason(
            "storage.no-database", "The database must be there.", $"no database {database}", "Create it, or correct --database."),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => Reason(
            "storage.no-schema", "The database must have Maestro's schema.", $"{database} without it", "Run 'maestro db migrate'."),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused => Reason(
            "storage.forbidden", "Maestro's user must be granted what it needs.", $"{database}: {refused.MessageText}",
            "Run 'maestro db migrate' as the owner of the database, who may create roles."),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => Reason(
            "storage.connections", "The database must have connections left.", $"{database} has none",
            $"Raise max_connections; a silo takes up to {PostgresSource.PoolSize}."),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Reason(
            "storage.full", "The database's disk must have room.", database, "Free some space on the database's host."),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Reason(
            "storage.read-only", "The database must be writable.", $"{database} is a standby", "Name the primary in --database."),
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => Slow(database),
        PostgresException { SqlState: ['5', '7', ..] } stopping => Reason(
            "storage.stopping", "The database must be up.", $"{database}: {stopping.MessageText}", "It is tried again by itself."),
        PostgresException other => Reason("storage.failed", "The database must answer.", $"{database}: {other.MessageText}", "Look at the silo's log."),
        TimeoutException or NpgsqlException { InnerException: TimeoutException } => Slow(database),
        // The driver has no code for it.
        NpgsqlException { InnerException: null } none when none.Message.StartsWith("No password", StringComparison.Ordinal) => Reason(
            "storage.login", "The database must admit Maestro's user.", $"{database} asks for a password, and none is given",
            "Put it into MAESTRO_DATABASE or a password file."),
        _ => Reason("storage.unreachable", "The database must be reachable.", $"{database}: {failure.GetBaseException().Message}",
            "It is tried again by itself. Check that it runs and that --database is right."),
    };

    private static Reason Slow(string database) =>
        Reason("storage.slow", "The database must answer in time.", database, "It is tried again by itself. Look at the database's load.");

    private static Reason Reason(string code, string rule, string found, string wayOut) => new(code, rule, "a working database", found, wayOut);
}
