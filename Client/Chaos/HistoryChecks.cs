using System.Collections.Immutable;

namespace Maestro.Chaos;

/// <summary>One line, or several, of a history that must not be.</summary>
/// <param name="Check">Which check found it.</param>
internal sealed record Offence(string Check, string Line);

/// <summary>The ten checks of a history. Each is a function of the history alone and returns the lines that offend.</summary>
internal static class HistoryChecks
{
    /// <summary>By name, in the order of the documentation.</summary>
    public static ImmutableArray<(string Name, Func<History, IEnumerable<string>> Find)> All { get; } =
    [
        ("each effect at most once per approval", EffectChecks.Doubled),
        ("no effect without cause", EffectChecks.WithoutCause),
        ("no lost deployment", LogChecks.Lost),
        ("monotonic stages", LogChecks.NotMonotonic),
        ("exclusive environment lock", LockChecks.Shared),
        ("gap-free ledger", LedgerChecks.Broken),
        ("rollback to the last good release", EffectChecks.NotRolledBack),
        ("convergence to the fault-free outcome", OutcomeChecks.Diverged),
        ("acknowledged webhooks kept", OutcomeChecks.LostWebhooks),
        ("no zombie writes", LockChecks.Zombies),
    ];

    public static ImmutableArray<Offence> Run(History history) =>
        [.. All.SelectMany(check => check.Find(history).Select(line => new Offence(check.Name, line)))];
}
