using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>What the database's and the disk's failures mean. None of them says whether an effect took place.</summary>
internal static class StorageFailure
{
    private const int NoSpace = 28;
    private const int QuotaReached = 122;

    /// <summary>The row itself is at fault: asking again gets the same answer.</summary>
    public static bool IsOfRow(SqliteException failure) => failure.SqliteErrorCode is 18 or 19 or 20;

    public static OutsideException Of(SqliteException failure) => new(Describe(failure), failure);

    public static OutsideException Of(IOException failure, string path) => new(
        IsFull(failure)
            ? Reason("storage.full", "The disk is full.", path, "Free some space.")
            : Reason("storage.io", "The disk must answer.", failure.Message, "Look at the system's log for errors of the disk."),
        failure);

    public static OutsideException Of(UnauthorizedAccessException failure, string path) => new(
        Reason("storage.forbidden", "Maestro must be able to read and write its data folder.", path,
            "Give the folder to the user that runs Maestro."),
        failure);

    public static OutsideException Closed() => new(
        Reason("storage.closed", "The log takes entries while the silo runs.", "the silo is stopping",
            "Ask another silo, or again when it is back."));

    public static OutsideException Damaged(string what, Exception? failure = null) => new(
        Reason("storage.damaged", "What is stored must be readable.", what, "Restore the data folder from a backup."), failure);

    public static RefusedException OfRow(SqliteException failure) => new(new Reason(
        "storage.row", "An entry must fit its table.", "texts and sizes within the table's limits", failure.Message,
        "This is a defect in Maestro; please report it."));

    public static bool IsFull(IOException failure) => (failure.HResult & 0xffff) is NoSpace or QuotaReached;

    private static Reason Describe(SqliteException failure) => failure.SqliteErrorCode switch
    {
        5 or 6 => Reason("storage.busy", "The database must take a write within its time.", failure.Message,
            "It is tried again by itself."),
        8 => Reason("storage.read-only", "The database must be writable.", failure.Message,
            "Give the data folder to the user that runs Maestro."),
        10 => Reason("storage.io", "The disk must answer.", failure.Message, "Look at the system's log for errors of the disk."),
        11 or 26 => Reason("storage.damaged", "What is stored must be readable.", failure.Message,
            "Restore the data folder from a backup."),
        13 => Reason("storage.full", "The disk is full.", failure.Message, "Free some space."),
        14 => Reason("storage.cannot-open", "The database must be there.", failure.Message,
            "Check that the data folder exists and is writable."),
        _ => Reason("storage.failed", "The database must answer.", failure.Message, "Look at the silo's log."),
    };

    private static Reason Reason(string code, string rule, string found, string wayOut) =>
        new(code, rule, "a working data folder", found, wayOut);
}
