using System.Collections.Immutable;

namespace Maestro.Outside.Infrastructure;

/// <summary>What is recorded of one environment. It lies beside the managed world, never in it.</summary>
/// <param name="Lineage">Made once at random with the state; it tells this world from one that took its place.</param>
/// <param name="Serial">Rises by one with every apply that ended.</param>
/// <param name="Token">The highest fencing token that was seen.</param>
/// <param name="Resources">What the engine owns, sorted by address.</param>
/// <param name="Applied">The last applies, oldest first, at most 50.</param>
/// <param name="Applying">The apply that began and has not ended.</param>
internal sealed record State(
    int Version, string Application, string Environment, string Lineage, long Serial, long Token,
    ImmutableArray<Recorded> Resources, ImmutableArray<AppliedEffect> Applied, Intent? Applying = null)
{
    public const int CurrentVersion = 1;

    private const int Remembered = 50;

    /// <summary>
    /// What the engine has made, or may have made: an apply that never ended may have got as far as any of its resources.
    /// </summary>
    public ImmutableArray<Recorded> Owned => Applying is null
        ? Resources
        : [.. Applying.Resources.Concat(Resources).DistinctBy(resource => resource.Address)
            .OrderBy(resource => resource.Address, StringComparer.Ordinal)];

    public State Begin(Intent intent, long token) => this with { Resources = Owned, Applying = intent, Token = Math.Max(Token, token) };

    public State End(Intent intent)
    {
        var done = new AppliedEffect(intent.Effect, intent.Plan, Serial, Serial + 1,
            [.. intent.Resources.Select(resource => resource.Address)]);
        return this with
        {
            Serial = Serial + 1,
            Resources = intent.Resources,
            Applied = [.. Applied.Append(done).TakeLast(Remembered)],
            Applying = null,
        };
    }
}

/// <param name="Plan">The digest of the plan that was applied.</param>
/// <param name="Resources">The addresses it left recorded.</param>
internal sealed record AppliedEffect(string Effect, string Plan, long Before, long After, ImmutableArray<string> Resources);

/// <summary>Written before the world is touched: who applies which plan, and what will be there then.</summary>
internal sealed record Intent(string Effect, string Plan, ImmutableArray<Recorded> Resources);
