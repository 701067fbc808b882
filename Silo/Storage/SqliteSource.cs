using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>
/// Connections to the one database file, for Maestro's own tables and for the Orleans providers (invariant <see cref="Invariant"/>).
/// The driver's own pool is off: it would carry a transaction that failed in the middle to the connection's next user.
/// </summary>
internal sealed class SqliteSource : DbDataSource
{
    /// <summary>The name under which the Orleans providers know SQLite, whichever driver is loaded.</summary>
    public const string Invariant = "System.Data.SQLite";

    private const string OnOpen =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA wal_autocheckpoint = 8000;
        """;

    private const int IdleConnections = 8;
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private readonly int _patience;
    private volatile bool _closed;

    /// <param name="path">The database file; created where there is none.</param>
    /// <param name="patience">How long a writer waits for another one, in seconds, from 1.</param>
    public SqliteSource(string path, int patience = 5)
    {
        _patience = patience;
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = patience }.ToString();
    }

    public override string ConnectionString { get; }

    /// <summary>An open connection; the caller closes it.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public SqliteConnection Open() => (SqliteConnection)OpenConnection();

    /// <summary>
    /// Reads or writes off the caller's thread: SQLite answers synchronously, and a grain's thread must not wait for a disk.
    /// A connection is used again only after work that went well.
    /// </summary>
    /// <exception cref="OutsideException">The database did not answer.</exception>
    public Task<T> RunAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                var connection = _idle.TryTake(out var idle) ? idle : Open();
                var result = Run(connection, work);
                Keep(connection);
                return result;
            }
            catch (SqliteException failure)
            {
                throw StorageFailure.Of(failure);
            }
        },
        cancellation);

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        while (disposing && _idle.TryTake(out var connection))
        {
            connection.Dispose();
        }
        base.Dispose(disposing);
    }

    private static T Run<T>(SqliteConnection connection, Func<SqliteConnection, T> work)
    {
        var done = false;
        try
        {
            var result = work(connection);
            done = true;
            return result;
        }
        finally
        {
            if (!done)
            {
                connection.Dispose();
            }
        }
    }

    private void Keep(SqliteConnection connection)
    {
        if (_idle.Count < IdleConnections)
        {
            _idle.Add(connection);
        }
        else
        {
            connection.Dispose();
        }
        // Closed meanwhile: nobody else would close what was just put back.
        if (_closed && _idle.TryTake(out var late))
        {
            late.Dispose();
        }
    }

    protected override DbConnection CreateDbConnection()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.StateChange += (sender, change) =>
        {
            if (change.CurrentState == ConnectionState.Open)
            {
                ((SqliteConnection)sender).Execute(FormattableString.Invariant($"PRAGMA busy_timeout = {_patience * 1000}; {OnOpen}"));
            }
        };
        return connection;
    }
}
