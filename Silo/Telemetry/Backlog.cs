using System.Collections.Immutable;

namespace Maestro.Telemetry;

/// <summary>What waits in the database. It is read through indices of what is open, so it does not grow with what is done.</summary>
internal interface IBacklog
{
    /// <exception cref="Outside.OutsideException">The database did not answer.</exception>
    Task<Backlog> ReadAsync(CancellationToken cancellation);
}

/// <param name="OldestDue">When the deployment that is longest overdue became due; null where none is open.</param>
/// <param name="OldestFact">When the oldest fact of the ledger's outbox was made; null where it is empty.</param>
/// <param name="Facts">How many facts the outbox has, counted up to <see cref="Most"/>.</param>
internal sealed record Backlog(
    DateTimeOffset? OldestDue, DateTimeOffset? OldestFact, long Facts, ImmutableArray<(string Status, long Count)> Open)
{
    public const int Most = 100_000;

    public const string DueText = "SELECT due FROM deployment_head WHERE due IS NOT NULL ORDER BY due LIMIT 1";

    public const string FactText = "SELECT at FROM ledger_outbox ORDER BY position LIMIT 1";

    public const string OpenText = "SELECT status, COUNT(*) FROM deployment_head WHERE due IS NOT NULL GROUP BY status";

    public static readonly string CountText = $"SELECT COUNT(*) FROM (SELECT 1 FROM ledger_outbox LIMIT {Most}) AS waiting";
}
