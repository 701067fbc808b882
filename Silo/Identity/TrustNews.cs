using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Audit;

namespace Maestro.Identity;

/// <summary>What a document of the root changed, as the ledger tells it: numbers and ids only.</summary>
internal sealed record TrustNews(string Kind, string Key, object Body)
{
    public const string DisownedKind = "keys.disowned";

    public static TrustNews Of(KeyRegistry registry, TrustDocument document) => new("keys.registry", KeyOf(document), new
    {
        number = registry.Number,
        expires = registry.ExpiresAt,
        keys = registry.Keys.Length,
        revoked = Ids(registry.Keys.Where(key => key.RevokedSince is not null)),
        tickets = registry.Tickets,
        digest = DigestOf(document),
    });

    public static TrustNews Of(Roster roster, TrustDocument document) => new(
        "people.roster", KeyOf(document), new { number = roster.Number, people = roster.People.Length, digest = DigestOf(document) });

    public static TrustNews Of(JoinTicket ticket, ImmutableArray<RegisteredKey> keys, TrustDocument document) => new(
        "keys.joined", KeyOf(document), new { ticket = ticket.Id, silo = ticket.Silo, keys = Ids(keys), digest = DigestOf(document) });

    /// <summary>What is not the root's word.</summary>
    /// <param name="lost">How many more there were of which the ledger was not told.</param>
    public static TrustNews Disowned(TrustDocument document, string code, long lost) => new(
        DisownedKind, $"trust/disowned/{DigestOf(document)}/{document.Number}", new
        {
            // The kind is whatever somebody wrote there.
            kind = document.Kind is TrustDocument.Registry or TrustDocument.Roster ? document.Kind : "join",
            number = document.Number,
            code,
            lost,
            digest = DigestOf(document),
        });

    public LedgerFact ToFact(DateTimeOffset at) => new(Key, at, Kind, "", "", JsonSerializer.Serialize(Body));

    private static string KeyOf(TrustDocument document) => $"trust/{document.Kind}/{document.Number}/{DigestOf(document)}";

    private static string DigestOf(TrustDocument document) => Deployments.Digest.Of(document.Content.AsSpan()).ToString();

    private static ImmutableArray<string> Ids(IEnumerable<RegisteredKey> keys) => [.. keys.Select(key => $"{Principal.Name(key.Role)}/{key.Id}")];
}
