using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Custody;

/// <summary>The log of a bundle, and the facts that the ledger is proved to hold of it.</summary>
internal sealed class BundledLedger
{
    private readonly Dictionary<string, LedgerFact> _facts = new(StringComparer.Ordinal);

    private BundledLedger(ImmutableArray<(int Number, LogEntry Entry)> entries) => Entries = entries;

    public ImmutableArray<(int Number, LogEntry Entry)> Entries { get; }

    /// <summary>What custody itself told of the attempt: the ledger writes down who told it.</summary>
    public IEnumerable<LedgerFact> Custody => _facts.Values.Where(fact => fact.Actor == Principal.OfRole(Role.Custody));

    /// <exception cref="RefusedException">An entry, a proof or the checkpoint is not what it should be.</exception>
    public static BundledLedger Open(AuditBundle bundle, CheckpointKeys keys)
    {
        var ledger = new BundledLedger([.. bundle.Entries.Select(Read)]);
        var newest = keys.Read(SignedNote.Of(bundle.Checkpoint));
        foreach (var text in bundle.Proofs)
        {
            ledger.Add(TlogProof.Read(text) ?? throw Refusal("a C2SP tlog-proof", "another text"), keys, newest);
        }
        return ledger;
    }

    /// <summary>The first entry that the ledger is not proved to hold, or that does not follow; null where there is none.</summary>
    public Reason? FindFault(AuditBundle bundle)
    {
        if (Entries is not [(_, LogEntry.AttemptOpened), ..])
        {
            return Refusal("a log that begins with AttemptOpened", "another beginning").Reason;
        }
        var before = 0;
        foreach (var (number, entry) in Entries)
        {
            if (entry.Attempt != bundle.Attempt || number <= before)
            {
                return Refusal($"entries of attempt {bundle.Attempt} in order", $"entry {number} of attempt {entry.Attempt}").Reason;
            }
            if (!_facts.TryGetValue(LogJson.FactKey(bundle.Deployment, number), out var fact) || DigestIn(fact) != LogJson.DigestOf(entry).Hex)
            {
                return Refusal($"a fact with the digest of entry {number}", fact is null ? "no proved fact" : "the digest of another entry").Reason;
            }
            before = number;
        }
        return null;
    }

    private void Add(TlogProof proof, CheckpointKeys keys, Checkpoint newest)
    {
        var covered = keys.Read(proof.Checkpoint);
        if (LedgerLeaf.Read([.. proof.Extra]) is not { } entry || (ulong)entry.Index != proof.Index || !proof.Covers(MerkleTree.LeafHash([.. proof.Extra])))
        {
            throw Refusal("an entry that the signed checkpoint covers", "another entry");
        }
        if (covered.Size > newest.Size)
        {
            throw Refusal("a checkpoint that is the newest", $"one over {newest.Size} entries, and a proof in one over {covered.Size}");
        }
        _facts[entry.Fact.Key] = entry.Fact;
    }

    private static (int, LogEntry) Read(BundledEntry bundled)
    {
        try
        {
            var bytes = Base64Text.DecodeStandard(bundled.Entry) ?? throw Refusal("an entry in base64", "something else");
            var entry = LogJson.Read(bytes);
            return LogJson.Bytes(entry).AsSpan().SequenceEqual(bytes) ? (bundled.Number, entry) : throw Refusal("an entry as it is stored", "another spelling");
        }
        catch (JsonException)
        {
            throw Refusal("an entry of a log", "something else");
        }
    }

    private static string? DigestIn(LedgerFact fact) => TextIn(fact, "entry");

    /// <summary>A text field of a fact's body; null where it has none.</summary>
    public static string? TextIn(LedgerFact fact, string field)
    {
        try
        {
            using var body = JsonDocument.Parse(fact.Body);
            return body.RootElement.ValueKind is JsonValueKind.Object && body.RootElement.TryGetProperty(field, out var value)
                && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RefusedException Refusal(string expected, string found) => AuditBundle.Refusal("bundle.ledger", expected, found);
}
