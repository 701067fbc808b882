using System.Text.Json;
using Maestro.Audit;
using Maestro.Rows;

namespace Maestro.Environments;

/// <summary>What an environment remembers. It is written as a whole, under an ETag: of two writers one reads again.</summary>
[GenerateSerializer, Alias("maestro.environment-state")]
internal sealed class EnvironmentState : IMarkedRow
{
    /// <summary>
    /// Without the lease's end, the queue and what the ledger is still to be told: a lease that ends early gives another one a higher token, those who wait ask
    /// again, and a fact is kept with the change that it tells of.
    /// </summary>
    public string Mark => JsonSerializer.Serialize(new { Live, Before, InFlight, Holder, Token, Purpose, Hold, Releases, Withdrawn, Fenced, Left });

    [Id(0)] public Release? Live { get; set; }

    /// <summary>Newest first.</summary>
    [Id(1)] public List<Release> Before { get; } = [];

    [Id(2)] public Release? InFlight { get; set; }

    [Id(3)] public string? Holder { get; set; }

    /// <summary>The newest fencing token; it only rises.</summary>
    [Id(4)] public long Token { get; set; }

    [Id(5)] public DateTimeOffset LeaseUntil { get; set; }

    /// <summary>Why the holder took the newest token, where it took one for a purpose.</summary>
    [Id(6)] public string? Purpose { get; set; }

    /// <summary>Who waits, in order, and when each was last seen asking.</summary>
    [Id(7)] public List<Waiting> Queue { get; } = [];

    [Id(8)] public string? Hold { get; set; }

    [Id(9)] public DateTimeOffset? HeldSince { get; set; }

    /// <summary>How many releases there ever were; names the next one.</summary>
    [Id(10)] public long Releases { get; set; }

    /// <summary>Effects whose release was taken back, newest last.</summary>
    [Id(11)] public List<string> Withdrawn { get; } = [];

    /// <summary>Purposes for which a new token was taken, newest last: what they fence off never goes forward again.</summary>
    [Id(12)] public List<string> Fenced { get; } = [];

    /// <summary>What the ledger is still to be told, oldest first.</summary>
    [Id(13)] public List<LedgerFact> Facts { get; } = [];

    /// <summary>Who gave the lock back, newest last: none of them goes forward here again, whatever a late order says.</summary>
    [Id(14)] public List<string> Left { get; } = [];
}

/// <summary>One place in the queue.</summary>
[GenerateSerializer, Immutable, Alias("maestro.environment-waiting")]
internal sealed record Waiting([property: Id(0)] string Holder, [property: Id(1)] DateTimeOffset SeenAt);
