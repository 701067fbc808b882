using System.Text.Json;
using Maestro.Identity;

namespace Maestro.Audit;

/// <summary>Tells the ledger how many refusals it did not take, also where nothing follows that could carry the number.</summary>
public static class LostRefusals
{
    public const string Kind = "refusals.lost";

    /// <summary>Writes the number of each key whose minute is over; what the ledger does not take stays counted.</summary>
    public static async Task TellLostAsync(this RefusalPace pace, IGrainFactory grains, TimeProvider time)
    {
        foreach (var about in pace.Untold())
        {
            var lost = pace.TakeLost(about);
            var body = JsonSerializer.Serialize(new { kind = about.Kind, code = about.Code, lost });
            await pace.TellAsync(about, lost, grains, new(
                $"refusal/{Messages.Nonce.Fresh()}", time.GetUtcNow(), Kind, Principal.OfRole(Role.Control), about.Subject, body));
        }
    }

    /// <summary>Tells the ledger this fact; where it does not take it, so many are counted as lost.</summary>
    public static async Task TellAsync(this RefusalPace pace, RefusalKey about, long lost, IGrainFactory grains, LedgerFact fact)
    {
        var told = false;
        try
        {
            await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(fact);
            told = true;
        }
        finally
        {
            if (!told)
            {
                pace.GiveBack(about, lost);
            }
        }
    }
}
