using System.Collections.Immutable;
using System.Globalization;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Custody;

/// <inheritdoc cref="IBundleGrain"/>
[ActsAs(Role.Control), GrainType("bundle")]
internal sealed class BundleGrain(
    IDeploymentLog log, IBlobStore blobs, ILedgerStore rows, ISignedRecords records, IGrainFactory grains, TimeProvider time)
    : Grain, IBundleGrain
{
    private const string Prefix = "bundle/";
    private const int Page = 1000;

    /// <summary>How many entries of the ledger are looked through for what custody told of the attempt.</summary>
    private const int MostScanned = 100_000;

    public async Task<string> ExportAsync(int? attempt)
    {
        var key = this.GetPrimaryKeyString();
        var id = key.StartsWith(Prefix, StringComparison.Ordinal) && DeploymentId.TryParse(key[Prefix.Length..], out var parsed)
            ? parsed : throw AuditBundle.Refusal("bundle.unknown", "a deployment", new UntrustedText(key).Shown(80));
        var entries = await ReadAsync(id, attempt);
        await grains.GetGrain<ILedgerGrain>("ledger/main").DrainAsync();
        var checkpoints = grains.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key);
        var checkpoint = await checkpoints.SignAsync() ?? throw AuditBundle.Refusal("bundle.unknown", "a ledger with entries", "none");
        var told = await ToldAsync(id, entries);
        var evidence = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var digest in entries.Select(entry => EvidenceOf(entry.Entry)).OfType<Digest>().Concat(told.SelectMany(NamedBy)).Distinct())
        {
            if (await blobs.GetAsync(id, digest, CancellationToken.None) is { } bytes)
            {
                evidence[digest.Hex] = Convert.ToBase64String(bytes);
            }
        }
        var proofs = new List<string>();
        foreach (var entry in told)
        {
            proofs.Add(await checkpoints.ProveAsync(entry.Index)
                ?? throw AuditBundle.Refusal("bundle.ledger", "a proof of each entry", $"none of {entry.Index}"));
        }
        return new AuditBundle(
            AuditBundle.FormOf1, id, entries[0].Entry.Attempt, time.GetUtcNow(), Convert.ToBase64String(records.Registry()),
            records.Roster() is { } roster ? Convert.ToBase64String(roster) : null,
            [.. entries.Select(entry => new BundledEntry(entry.Number, Convert.ToBase64String(LogJson.Bytes(entry.Entry))))],
            evidence.ToImmutable(), [.. proofs], checkpoint, [.. records.Joinings().Select(Convert.ToBase64String)]).Write();
    }

    private async Task<List<StoredEntry>> ReadAsync(DeploymentId id, int? attempt)
    {
        var entries = new List<StoredEntry>();
        await foreach (var stored in Journal.ReadFromAsync(log, id, 1, CancellationToken.None))
        {
            if (attempt is null && stored.Entry is LogEntry.AttemptOpened)
            {
                entries.Clear();
            }
            // Of two attempts that are open at once the newest is meant.
            var wanted = attempt ?? (entries.Count > 0 ? entries[0].Entry.Attempt : stored.Entry.Attempt);
            if (stored.Entry.Attempt == wanted)
            {
                entries.Add(stored);
            }
        }
        return entries.Count switch
        {
            0 => throw AuditBundle.Refusal("bundle.unknown", "an attempt of the log", attempt is null ? "an empty log" : $"no attempt {attempt}"),
            > AuditBundle.MostItems / 2 => throw AuditBundle.Refusal("bundle.too-large", $"at most {AuditBundle.MostItems / 2} entries", $"{entries.Count}"),
            _ => entries,
        };
    }

    // The facts of the log are found by their keys; custody's lie between them and after them.
    private async Task<ImmutableArray<LedgerEntry>> ToldAsync(DeploymentId id, List<StoredEntry> entries)
    {
        var keys = entries.Select(entry => LogJson.FactKey(id, entry.Number)).ToImmutableArray();
        var places = await rows.FindAsync(keys, CancellationToken.None);
        var told = new List<LedgerEntry>();
        if (places.IsEmpty)
        {
            return [];
        }
        var (own, from) = (keys.ToHashSet(StringComparer.Ordinal), places.Values.Min());
        var holder = $"\"effect\":\"{id}/a{entries[0].Entry.Attempt}/";
        for (var read = 0; read < MostScanned; read += Page)
        {
            var page = await rows.ReadAsync(from + read, Page, CancellationToken.None);
            told.AddRange(page.Where(entry => own.Contains(entry.Fact.Key) || (entry.Fact.Subject == id.ToString()
                && IsOf(entry.Fact, holder, entries[0].Entry.Attempt))));
            if (page.Length < Page)
            {
                break;
            }
        }
        return [.. told.Take(AuditBundle.MostItems)];
    }

    private static bool IsOf(LedgerFact fact, string holder, int attempt) =>
        (fact.Kind.StartsWith("custody.", StringComparison.Ordinal) && fact.Body.Contains(holder, StringComparison.Ordinal))
        || (fact.Kind.StartsWith("break-glass.", StringComparison.Ordinal)
            && (fact.Body.Contains(holder, StringComparison.Ordinal)
                || fact.Body.Contains(string.Create(CultureInfo.InvariantCulture, $"\"attempt\":{attempt},"), StringComparison.Ordinal)));

    private static Digest? EvidenceOf(LogEntry entry) => entry switch
    {
        LogEntry.AttemptOpened opened => opened.Evidence,
        LogEntry.Proved proved => proved.Evidence,
        _ => null,
    };

    private static IEnumerable<Digest> NamedBy(LedgerEntry entry) =>
        new[] { BundledLedger.TextIn(entry.Fact, "lease"), BundledLedger.TextIn(entry.Fact, "summary") }
            .OfType<string>().Where(Digest.IsDigest).Select(Digest.Parse);
}
