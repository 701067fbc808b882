using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>What the ledger says of the deployments' logs: the digest of each entry.</summary>
internal sealed class LedgerLogFacts(ILedgerStore store)
{
    private const int Most = 256;
    private const int Page = 64;

    /// <inheritdoc cref="ILedgerGrain.FindLogAsync"/>
    /// <exception cref="RefusedException">That is no deployment, or no range of its log.</exception>
    public async Task<ImmutableArray<string?>> FindAsync(string deployment, int from, int count)
    {
        if (!DeploymentId.TryParse(deployment, out var id) || from < 1 || count is < 1 or > Most || from > int.MaxValue - count)
        {
            throw new RefusedException(new Reason("ledger.log", "A log is asked for by its deployment and the numbers of its entries.",
                $"a deployment and 1 to {Most} numbers", "something else", "Ask for fewer."));
        }
        ImmutableArray<string> keys = [.. Enumerable.Range(from, count).Select(number => LogJson.FactKey(id, number))];
        var places = await store.FindAsync(keys, CancellationToken.None);
        var digests = await ReadAsync(places);
        return [.. keys.Select(key => digests.GetValueOrDefault(key))];
    }

    // A deployment's facts lie near each other, so that a page has several.
    private async Task<Dictionary<string, string?>> ReadAsync(ImmutableDictionary<string, long> places)
    {
        var digests = new Dictionary<string, string?>(StringComparer.Ordinal);
        var read = -1L;
        foreach (var index in places.Values.Order().Where(index => index > read))
        {
            foreach (var entry in await store.ReadAsync(index, Page, CancellationToken.None))
            {
                read = entry.Index;
                if (places.TryGetValue(entry.Fact.Key, out var place) && place == entry.Index)
                {
                    digests[entry.Fact.Key] = DigestIn(entry.Fact.Body);
                }
            }
        }
        return digests;
    }

    // Null where the fact names no entry, which no row agrees with.
    private static string? DigestIn(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("entry", out var entry)
                && entry.ValueKind == JsonValueKind.String ? entry.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
