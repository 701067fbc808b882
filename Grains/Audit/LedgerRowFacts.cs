using System.Text;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Rows;

namespace Maestro.Audit;

/// <summary>What the ledger says of stored rows: the newest number of each, and which a person accepted.</summary>
internal sealed class LedgerRowFacts(ILedgerStore store, CheckpointKeys keys, TimeProvider time)
{
    private const int DigestLength = 64;
    private const string Accepted = "row.accepted";

    /// <summary>Whether nobody may tell the ledger this as a fact of his own.</summary>
    public static bool IsReserved(string key) =>
        key.StartsWith(RowName.Facts, StringComparison.Ordinal) || key.StartsWith(RowName.Accepted, StringComparison.Ordinal);

    /// <exception cref="RefusedException">The row is another role's than the caller's.</exception>
    public LedgerFact WrittenOf(string row, long number, string mark)
    {
        var name = NameOf(row);
        if (Caller.Current?.Principal != Principal.OfRole(name.Role) || number < 1 || mark.Length != DigestLength)
        {
            throw new RefusedException(new Reason("ledger.reserved", "A role tells of its own rows only.", $"{name.Role}, a number and a digest",
                Caller.Current?.Principal ?? "nobody", "Tell of another row."));
        }
        return new(name.FactKey(number), time.GetUtcNow(), RowName.Written, "", name.Key, JsonSerializer.Serialize(new { state = name.State, number, mark }));
    }

    public async Task<RowStanding?> FindAsync(string row)
    {
        var (after, before) = NameOf(row).Range;
        return await store.FindLastAsync(after, before, CancellationToken.None) is { } entry && RowName.NumberIn(entry.Fact.Key) is { } number
            ? new(entry.Index, number, MarkIn(entry.Fact.Body)) : null;
    }

    /// <summary>
    /// Whether a person accepted the row. Whoever owns the database could rename an entry to look like that, so the entry must be in the signed tree as
    /// it is read.
    /// </summary>
    /// <param name="prove">The proof that an entry is in the ledger, see <see cref="ICheckpointGrain.ProveAsync"/>.</param>
    public async Task<bool> IsAcceptedAsync(string row, string digest, Func<long, Task<string?>> prove)
    {
        var key = NameOf(row).AcceptanceKey((await FindAsync(row))?.Number ?? 0, digest);
        return await store.FindAsync(key, CancellationToken.None) is { } index
            && await prove(index) is { } text && TlogProof.Read(text) is { } proof && LedgerLeaf.Read(proof.Extra.AsSpan()) is { } entry
            && entry.Index == index && entry.Fact.Key == key && entry.Fact.Kind == Accepted && Principal.IsPersonId(entry.Fact.Actor)
            && proof.Index == (ulong)index && keys.Read(proof.Checkpoint).Size > (ulong)index && proof.Covers(MerkleTree.LeafHash(proof.Extra.AsSpan()));
    }

    /// <exception cref="RefusedException">There is no such row, or that is no digest.</exception>
    public async Task<LedgerFact> AcceptanceOfAsync(string row, string digest, string reason)
    {
        if (digest != RowName.Nothing && (digest.Length != DigestLength || !digest.All(char.IsAsciiHexDigitLower)))
        {
            throw Refusal($"{DigestLength} hexadecimal digits, or '{RowName.Nothing}'");
        }
        var (name, number) = (NameOf(row), (await FindAsync(row))?.Number ?? 0);
        return new(name.AcceptanceKey(number, digest), time.GetUtcNow(), Accepted, "", name.Key,
            JsonSerializer.Serialize(new { row, number, digest, reason = Digest.Of(Encoding.UTF8.GetBytes(reason)).Hex }));
    }

    private static RowName NameOf(string row) => RowName.Parse(row) ?? throw Refusal("row/role/state/key, as the refusal says it");

    private static string MarkIn(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("mark", out var mark) ? mark.GetString() ?? "" : "";
    }

    private static RefusedException Refusal(string expected) => new(new Reason(
        "row.unknown", "A row is named as its refusal names it.", expected, "something else", "See the refusals with: maestro audit export."));
}
