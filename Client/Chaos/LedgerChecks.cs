using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>What the ledger must be.</summary>
internal static class LedgerChecks
{
    /// <summary>Where the chain breaks, entries of logs that it does not have, and facts of entries that no log has.</summary>
    public static IEnumerable<string> Broken(History history)
    {
        if (LedgerChain.Check(history.Ledger) is { } difference)
        {
            yield return difference;
        }
        foreach (var key in history.Outbox)
        {
            yield return $"{key} still waits for its place";
        }
        var told = history.Ledger.ToLookup(entry => entry.Fact.Key);
        foreach (var twice in told.Where(facts => facts.Skip(1).Any()))
        {
            yield return $"{twice.Key} is in the chain {twice.Count()} times";
        }
        var expected = history.Deployments.SelectMany(deployment => deployment.Log.Select(line => (
            Key: LogJson.FactKey(DeploymentId.Parse(deployment.Id), line.Number), Digest: LogJson.DigestOf(line.Entry).Hex))).ToDictionary(
            fact => fact.Key, fact => fact.Digest);
        foreach (var (key, digest) in expected.Where(fact => DigestIn(told[fact.Key].FirstOrDefault()) != fact.Value))
        {
            yield return $"{key} is not in the chain with the digest {digest}";
        }
        foreach (var facts in told.Where(facts => facts.Key.StartsWith("log/", StringComparison.Ordinal) && !expected.ContainsKey(facts.Key)))
        {
            yield return $"{facts.Key} is in the chain and in no log";
        }
    }

    private static string? DigestIn(LedgerEntry? entry)
    {
        if (entry is null)
        {
            return null;
        }
        using var body = JsonDocument.Parse(entry.Fact.Body);
        return body.RootElement.GetProperty("entry").GetString();
    }
}
