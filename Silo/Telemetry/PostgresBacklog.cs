using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Telemetry;

/// <summary>What waits in PostgreSQL.</summary>
internal sealed class PostgresBacklog(PostgresSource source) : IBacklog
{
    public async Task<Backlog> ReadAsync(CancellationToken cancellation) => new(
        await TimeAsync(Backlog.DueText, cancellation), await TimeAsync(Backlog.FactText, cancellation),
        (await source.SelectAsync(Backlog.CountText, row => row.GetInt64(0), cancellation)).Single(),
        await source.SelectAsync(Backlog.OpenText, row => (row.GetString(0), row.GetInt64(1)), cancellation));

    private async Task<DateTimeOffset?> TimeAsync(string text, CancellationToken cancellation) =>
        (await source.SelectAsync(text, row => (DateTimeOffset?)StoredTime.Parse(row.GetString(0)), cancellation)).SingleOrDefault();
}
