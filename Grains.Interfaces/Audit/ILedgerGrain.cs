using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Identity;
using Maestro.Rows;
using Orleans.Concurrency;

namespace Maestro.Audit;

/// <summary>The one append-only chain of the cluster; the key is <c>ledger/main</c>.</summary>
[Alias("maestro.ILedgerGrain")]
public interface ILedgerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Appends a fact and returns its index once it is durable. The same <paramref name="fact"/> key is appended once. The entry's actor is
    /// the verified caller; whoever else the fact names is written into its body as <see cref="LedgerFact.OnBehalfOf"/>.
    /// </summary>
    [Admits(Role.Control, Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Desk, Role.Gateway, Role.Custody)]
    [AlwaysInterleave, Alias("AppendAsync")]
    Task<long> AppendAsync(LedgerFact fact);

    /// <summary>Chains what waits in the outbox. Returns how many entries were added.</summary>
    [Admits(Role.Control, Role.Gateway), AlwaysInterleave, Alias("DrainAsync")]
    Task<int> DrainAsync();

    /// <summary>The digests of a deployment's log, as the ledger was told of each entry when it was written.</summary>
    /// <param name="from">The number of the first entry.</param>
    /// <param name="count">At most 256.</param>
    /// <returns>One for each; null for an entry of which the ledger was told nothing.</returns>
    [Admits(Role.Custody), AlwaysInterleave, Alias("FindLogAsync")]
    Task<ImmutableArray<string?>> FindLogAsync(string deployment, int from, int count);

    /// <summary>What the ledger was told last of one of the caller's rows; null for nothing.</summary>
    /// <param name="row">As its facts name it.</param>
    [Admits(Role.Control, Role.Desk, Role.Custody), AlwaysInterleave, Alias("FindRowAsync")]
    Task<RowStanding?> FindRowAsync(string row);

    /// <summary>Tells that one of the caller's rows took a number. A number is taken once.</summary>
    /// <returns>What the ledger says of the row from then on: another mark where another row took that number before.</returns>
    [Admits(Role.Control, Role.Desk, Role.Custody), AlwaysInterleave, Alias("TellRowAsync")]
    Task<RowStanding> TellRowAsync(string row, long number, string mark);

    /// <summary>Whether a person accepted the row with this digest as it was when the ledger was told of it last.</summary>
    [Admits(Role.Control, Role.Desk, Role.Custody), AlwaysInterleave, Alias("IsAcceptedAsync")]
    Task<bool> IsAcceptedAsync(string row, string digest);

    /// <summary>Lets a row count that was refused. It holds for the row as it is, and until it changes.</summary>
    /// <param name="digest">What was found, as the refusal in the ledger names it.</param>
    /// <param name="reason">Its digest goes to the ledger.</param>
    [Admits(Role.Admin, Role.Security), StepUp, AlwaysInterleave, Alias("AcceptRowAsync")]
    Task AcceptRowAsync(string row, string digest, string reason);

    /// <summary>The newest entries, oldest first, at most 1,000.</summary>
    [Admits(Role.Viewer, Role.Gateway), AlwaysInterleave, Alias("TailAsync")]
    Task<ImmutableArray<LedgerEntry>> TailAsync(int count);

    /// <summary>Entries in order, from an index on, at most 1,000.</summary>
    [Admits(Role.Viewer, Role.Gateway), AlwaysInterleave, Alias("ReadAsync")]
    Task<ImmutableArray<LedgerEntry>> ReadAsync(long from, int count);

    /// <summary>The first entry that is not from before this time; how many there are where all are. Times of neighbours may be out of order.</summary>
    [Admits(Role.Viewer, Role.Gateway), AlwaysInterleave, Alias("SeekAsync")]
    Task<long> SeekAsync(DateTimeOffset at);

    /// <summary>Compares the documents that entries name by digest with what is stored, for as many entries as one call may take.</summary>
    /// <param name="from">The first entry to look at: zero, then what was answered as <see cref="DocumentCheck.Next"/>.</param>
    [Admits(Role.Viewer, Role.Gateway), AlwaysInterleave, Alias("CheckDocumentsAsync")]
    Task<DocumentCheck> CheckDocumentsAsync(long from);

    /// <summary>Recomputes the chain from the stored rows and compares the deployments' logs with it.</summary>
    [Admits(Role.Viewer, Role.Gateway), AlwaysInterleave, Alias("VerifyAsync")]
    Task<LedgerVerification> VerifyAsync();
}

/// <summary>Something that happened, before it has a place in the chain. Codes, ids and digests only.</summary>
/// <param name="Key">Unique: the same fact told twice is one entry.</param>
/// <param name="Kind">Such as <c>deployment.proved</c> or <c>call.refused</c>.</param>
/// <param name="Actor">
/// Who: a person's id, or <c>role:</c> and the role. In a fact that is told to the ledger only on whose behalf, by the teller's word.
/// </param>
/// <param name="Subject">What it is about: a deployment, an environment, a person.</param>
/// <param name="Body">
/// Further codes and digests as a JSON object. Beyond 8 KiB it is kept as a document, at most 16 MiB, and the entry has its digest and length.
/// </param>
[GenerateSerializer, Immutable, Alias("maestro.ledger-fact")]
public sealed record LedgerFact(
    [property: Id(0)] string Key, [property: Id(1)] DateTimeOffset At, [property: Id(2)] string Kind,
    [property: Id(3)] string Actor, [property: Id(4)] string Subject, [property: Id(5)] string Body)
{
    /// <summary>The name of the field of <see cref="Body"/> with whom the actor acted for.</summary>
    public const string BehalfField = "onBehalfOf";

    /// <summary>Whom the actor acted for, by the actor's word; null for nobody else.</summary>
    public string? OnBehalfOf
    {
        get
        {
            try
            {
                using var body = JsonDocument.Parse(Body);
                return body.RootElement.ValueKind is JsonValueKind.Object && body.RootElement.TryGetProperty(BehalfField, out var name)
                    && name.ValueKind is JsonValueKind.String ? name.GetString() : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>An entry in its place. <see cref="Hash"/> covers <see cref="Before"/>, the index and every field of the fact.</summary>
[GenerateSerializer, Immutable, Alias("maestro.ledger-entry")]
public sealed record LedgerEntry(
    [property: Id(0)] long Index, [property: Id(1)] LedgerFact Fact, [property: Id(2)] string Before, [property: Id(3)] string Hash);

/// <summary>What verification found.</summary>
/// <param name="Difference">Where the first difference is and what it is; null where there is none.</param>
[GenerateSerializer, Immutable, Alias("maestro.ledger-verification")]
public sealed record LedgerVerification(
    [property: Id(0)] bool Verified, [property: Id(1)] long Entries, [property: Id(2)] string? Head, [property: Id(3)] string? Difference);

/// <summary>What the documents of some entries were found to be.</summary>
/// <param name="Next">Where to go on; null at the ledger's end.</param>
/// <param name="Kept">How many documents are there and are what was written.</param>
/// <param name="Shredded">How many are gone: their key was destroyed, or their file.</param>
/// <param name="Difference">Which document is another one; null where none is.</param>
[GenerateSerializer, Immutable, Alias("maestro.ledger-document-check")]
public sealed record DocumentCheck(
    [property: Id(0)] long? Next, [property: Id(1)] int Kept, [property: Id(2)] int Shredded, [property: Id(3)] string? Difference);
