using System.Text.Json;
using Maestro.Audit;
using Maestro.Messages;
using Maestro.Rows;

namespace Maestro.Custody;

/// <summary>What custody remembers of one environment. Each lease is signed by itself, so an edited row lends nothing.</summary>
[GenerateSerializer, Alias("maestro.custody-state")]
internal sealed class CustodyState : IMarkedRow
{
    /// <summary>What was lent.</summary>
    public string Mark => JsonSerializer.Serialize(new { Leases = Leases.Select(lent => new { lent.Request, lent.At }), Releases });

    private const int Kept = 20;
    private const int KeptReleases = 200;

    /// <summary>The last leases, the newest last.</summary>
    [Id(0)] public List<LentLease> Leases { get; } = [];

    /// <summary>What the ledger was not told yet.</summary>
    [Id(1)] public List<LedgerFact> Facts { get; } = [];

    /// <summary>The releases that were lent the way forward, the newest last; only one of these is brought back or kept alive.</summary>
    [Id(2)] public List<LentRelease> Releases { get; } = [];

    public void Keep(LentLease lease)
    {
        Leases.Add(lease);
        Leases.RemoveRange(0, Math.Max(0, Leases.Count - Kept));
    }

    public void Keep(LentRelease release)
    {
        Releases.RemoveAll(known => known.Effect == release.Effect && known.Image == release.Image);
        Releases.Add(release);
        Releases.RemoveRange(0, Math.Max(0, Releases.Count - KeptReleases));
    }
}

/// <summary>A release that custody verified whole.</summary>
/// <param name="Image">Its digest in hexadecimal.</param>
/// <param name="Signature">Custody's own, so that nobody writes one into the row.</param>
[GenerateSerializer, Immutable, Alias("maestro.lent-release")]
internal sealed record LentRelease([property: Id(0)] string Effect, [property: Id(1)] string Image, [property: Id(2)] string Signature);

/// <summary>A lease and what it was asked for with.</summary>
[GenerateSerializer, Immutable, Alias("maestro.lent-lease")]
internal sealed record LentLease([property: Id(0)] LeaseRequest Request, [property: Id(1)] Envelope Lease, [property: Id(2)] DateTimeOffset At);
