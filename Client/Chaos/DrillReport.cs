using System.Collections.Immutable;
using System.Globalization;

namespace Maestro.Chaos;

/// <summary>What came of a drill.</summary>
/// <param name="Planned">The cells that the plan wanted to hit.</param>
internal sealed record DrillReport(
    int Seed, TimeSpan Took, ImmutableArray<Cell> Planned, ImmutableArray<Strike> Strikes, History History, ImmutableArray<Offence> Offences)
{
    public int Kills => Strikes.Count(strike => strike.IsKill);

    /// <summary>How often each cell was really hit by the death of a silo.</summary>
    public ImmutableDictionary<Cell, int> Hits => Strikes.Where(strike => strike is { Hit: true, Fault: Fault.Kill or Fault.KillAll })
        .GroupBy(strike => new Cell(strike.Work, strike.Moment)).ToImmutableDictionary(cell => cell.Key, cell => cell.Count());

    public ImmutableArray<Cell> Missed => [.. Planned.Where(cell => !Hits.ContainsKey(cell))];

    public bool IsGood => Offences.IsEmpty && Missed.IsEmpty;

    public Spread? Recovery => Spread.Of(Strikes.Where(strike => strike.Fault == Fault.Kill).Select(strike => strike.Recovery));

    public Spread? RecoveryOfAll => Spread.Of(Strikes.Where(strike => strike.Fault == Fault.KillAll).Select(strike => strike.Recovery));

    public Spread? DatabaseBack => Spread.Of(Strikes.Select(strike => strike.Since));

    public IEnumerable<string> Lines()
    {
        var hits = Hits;
        yield return $"{"",-22} {string.Join(' ', Enum.GetNames<Moment>().Select(name => $"{name,13}"))}";
        foreach (var work in Cell.All.GroupBy(cell => cell.Work))
        {
            yield return $"{work.Key,-22} " + string.Join(' ', Enum.GetValues<Moment>().Select(moment => new Cell(work.Key, moment))
                .Select(cell => $"{(work.Contains(cell) ? hits.GetValueOrDefault(cell).ToString(CultureInfo.InvariantCulture) : ""),13}"));
        }
        foreach (var fault in Strikes.GroupBy(strike => strike.Fault).OrderBy(group => group.Key))
        {
            yield return FormattableString.Invariant($"{fault.Key}: {fault.Count()}");
        }
        yield return $"From the kill of one silo to the next entry: {Recovery}";
        yield return $"From the kill of all silos to the next entry: {RecoveryOfAll}";
        yield return $"From a database that accepts connections again to the next entry: {DatabaseBack}";
        yield return FormattableString.Invariant(
            $"{Kills} kills, {History.Results.Length} changes, {Hits.Count} of {Cell.All.Length} moments, {Took.TotalSeconds:F0} s, seed {Seed}");
        foreach (var missed in Missed)
        {
            yield return $"Not hit: {missed}";
        }
        foreach (var offence in Offences)
        {
            yield return $"{offence.Check}: {offence.Line}";
        }
    }
}

/// <summary>How long something took, in seconds.</summary>
internal sealed record Spread(int Count, double P50, double P95, double Max)
{
    public static Spread? Of(IEnumerable<double?> seconds)
    {
        var sorted = seconds.OfType<double>().Order().ToList();
        return sorted.Count == 0 ? null : new(sorted.Count, At(sorted, 0.5), At(sorted, 0.95), sorted[^1]);
    }

    public override string ToString() => FormattableString.Invariant($"p50 {P50:F2} s, p95 {P95:F2} s, at most {Max:F2} s, {Count} times");

    private static double At(List<double> sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
}
