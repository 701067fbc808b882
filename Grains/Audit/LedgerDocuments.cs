using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>
/// What entries name by digest instead of holding it: bodies that are too large for a row, and the evidence that a deployment's log names. It lies in
/// the blob store under the deployment's key, and can be shredded there; the entry stays.
/// </summary>
public sealed class LedgerDocuments(ILedgerStore store, IBlobStore blobs)
{
    /// <summary>
    /// The most that a row holds, in bytes. Larger ones go by digest from here on, not only from 64 KiB: bodies are codes and ids, pages of a thousand
    /// rows stay small, and what is unusually large can be shredded.
    /// </summary>
    public const int RowLimit = 8 * 1024;

    /// <summary>The most that a document holds, in bytes: 16 MiB.</summary>
    public const int Limit = 16 << 20;

    private const string Evidence = "evidence";
    private const string Document = "document";
    private const int Page = 1000;
    private const int EntriesOfOneCall = 20_000;
    private const int DocumentsOfOneCall = 500;

    /// <summary>Whose key seals the documents of facts that are about no deployment.</summary>
    private static readonly DeploymentId Own = DeploymentId.Of("ledger", "maestro", "documents", 1);

    /// <summary>The fact as it is chained: a body that is too large is stored, and its digest and length take its place.</summary>
    public async Task<LedgerFact> StoreAsync(LedgerFact fact, CancellationToken cancellation)
    {
        if (Encoding.UTF8.GetByteCount(fact.Body) <= RowLimit)
        {
            return fact;
        }
        var content = Encoding.UTF8.GetBytes(fact.Body);
        var owner = DeploymentId.TryParse(fact.Subject, out var id) ? id : Own;
        var digest = await blobs.PutAsync(owner, content, cancellation);
        return fact with
        {
            Body = JsonSerializer.Serialize(new { document = new { sha256 = digest.Hex, bytes = content.Length, of = owner.ToString() } }),
        };
    }

    /// <summary>Looks at the documents of the entries from this one on, as many as one call may take.</summary>
    public async Task<DocumentCheck> CheckAsync(long from, CancellationToken cancellation)
    {
        var (kept, shredded, end) = (0, 0, from + EntriesOfOneCall);
        while (from < end && kept + shredded < DocumentsOfOneCall)
        {
            var page = await store.ReadAsync(from, Page, cancellation);
            if (page.IsEmpty)
            {
                return new(null, kept, shredded, null);
            }
            foreach (var entry in page)
            {
                foreach (var (owner, digest) in NamedIn(entry.Fact))
                {
                    try
                    {
                        var found = await blobs.GetAsync(owner, digest, cancellation);
                        (kept, shredded) = found is null ? (kept, shredded + 1) : (kept + 1, shredded);
                    }
                    catch (OutsideException damaged) when (damaged.Reason.Code == "blob.damaged")
                    {
                        return new(null, kept, shredded, string.Create(CultureInfo.InvariantCulture,
                            $"The document {digest.Abbreviated} of entry {entry.Index} of the ledger was changed: it does not have its digest."));
                    }
                }
            }
            from = page[^1].Index + 1;
        }
        return new(from, kept, shredded, null);
    }

    /// <summary>Which documents a fact names, and under whose key.</summary>
    public static ImmutableArray<(DeploymentId Owner, Digest Digest)> NamedIn(LedgerFact fact)
    {
        try
        {
            using var body = JsonDocument.Parse(fact.Body);
            if (body.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return [];
            }
            if (Text(body.RootElement, Evidence) is { } evidence && DeploymentId.TryParse(fact.Subject, out var deployment) && Digest.IsDigest(evidence))
            {
                return [(deployment, Digest.Parse(evidence))];
            }
            return body.RootElement.TryGetProperty(Document, out var document) && document.ValueKind is JsonValueKind.Object
                && Text(document, "sha256") is { } digest && Digest.IsDigest(digest) && DeploymentId.TryParse(Text(document, "of"), out var owner)
                ? [(owner, Digest.Parse(digest))]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
