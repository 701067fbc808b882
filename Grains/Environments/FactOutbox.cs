using Maestro.Audit;

namespace Maestro.Environments;

/// <summary>
/// Facts that are stored together with the change they tell of, until the ledger has them. After a crash they are told again, and the ledger
/// takes each key once.
/// </summary>
internal static class FactOutbox
{
    /// <summary>How often a grain looks whether something is left to tell.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    public static void Keep(this List<LedgerFact> facts, LedgerFact fact)
    {
        if (!facts.Exists(kept => kept.Key == fact.Key))
        {
            facts.Add(fact);
        }
    }

    /// <summary>Tells the ledger; what it has is only forgotten in memory, and in storage with the next change.</summary>
    public static async Task TellAsync(this List<LedgerFact> facts, IGrainFactory grains)
    {
        while (facts.Count > 0)
        {
            await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(facts[0]);
            facts.RemoveAt(0);
        }
    }
}
