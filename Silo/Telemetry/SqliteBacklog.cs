using Maestro.Storage;
using Microsoft.Data.Sqlite;

namespace Maestro.Telemetry;

/// <summary>What waits in SQLite.</summary>
internal sealed class SqliteBacklog(SqliteSource source) : IBacklog
{
    public Task<Backlog> ReadAsync(CancellationToken cancellation) => source.RunAsync(
        connection => new Backlog(
            Time(connection, Backlog.DueText), Time(connection, Backlog.FactText), connection.Select(Backlog.CountText, row => row.GetInt64(0)).Single(),
            connection.Select(Backlog.OpenText, row => (row.GetString(0), row.GetInt64(1)))),
        cancellation);

    private static DateTimeOffset? Time(SqliteConnection connection, string text) =>
        connection.Select(text, row => (DateTimeOffset?)StoredTime.Parse(row.GetString(0))).SingleOrDefault();
}
