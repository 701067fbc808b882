using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Environments;

/// <summary>
/// Facts that are stored together with the change they tell of, until the ledger has them. After a crash they are told again, and the ledger
/// takes each key once.
/// </summary>
internal static partial class FactOutbox
{
    /// <summary>How often a grain looks whether something is left to tell.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>How long the ledger may take for one fact: whoever waits behind this grain must not wait for a ledger that hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Keep(this List<LedgerFact> facts, LedgerFact fact)
    {
        if (!facts.Exists(kept => kept.Key == fact.Key))
        {
            facts.Add(fact);
        }
    }

    /// <summary>Tells the ledger; what it has is only forgotten in memory, and in storage with the next change.</summary>
    /// <exception cref="OutsideException">The ledger does not take it, or not in time.</exception>
    public static async Task TellAsync(this List<LedgerFact> facts, IGrainFactory grains, TimeProvider time)
    {
        while (facts.Count > 0)
        {
            try
            {
                await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(facts[0]).WaitAsync(Patience, time);
            }
            catch (TimeoutException slow)
            {
                throw new OutsideException(new Reason(
                    "ledger.slow", "The ledger takes a fact in time.", $"an answer within {Patience.TotalSeconds} seconds", "none", "Try again later."), slow);
            }
            facts.RemoveAt(0);
        }
    }

    /// <summary>The same after a change that counts already: where the ledger does not take it now, it is told later.</summary>
    public static async Task TellOrKeepAsync(this List<LedgerFact> facts, IGrainFactory grains, TimeProvider time, ILogger logger)
    {
        try
        {
            await facts.TellAsync(grains, time);
        }
        catch (OutsideException failure)
        {
            LogKept(logger, failure, facts.Count);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The ledger was not told {Count} facts; they are kept and told later")]
    private static partial void LogKept(ILogger logger, Exception failure, int count);
}
