using System.Collections.Immutable;
using System.Globalization;

namespace Maestro.Chaos;

/// <summary>What came of a drill.</summary>
/// <param name="Planned">The cells that the plan wanted to hit.</param>
/// <param name="Evicted">How many healthy silos were declared dead while no fault struck, all processors burning where that was asked for.</param>
internal sealed record DrillReport(
    int Seed, TimeSpan Took, ImmutableArray<Cell> Planned, ImmutableArray<Strike> Strikes, History History, ImmutableArray<Offence> Offences,
    int Evicted)
{
    public int Kills => Strikes.Count(strike => strike.IsKill);

    /// <summary>How often each cell was really hit by the death of a silo.</summary>
    public ImmutableDictionary<Cell, int> Hits => Strikes.Where(strike => strike is { Hit: true, Fault: Fault.Kill or Fault.KillAll })
        .GroupBy(strike => new Cell(strike.Work, strike.Moment)).ToImmutableDictionary(cell => cell.Key, cell => cell.Count());

    public ImmutableArray<Cell> Missed => [.. Planned.Where(cell => !Hits.ContainsKey(cell))];

    public bool IsGood => Offences.IsEmpty && Missed.IsEmpty && Evicted == 0 && Accepted.IsEmpty;

    /// <summary>Silos that were stopped, declared dead and continued, and whose late entry was taken all the same.</summary>
    public ImmutableArray<Strike> Accepted => [.. Strikes.Where(strike => strike is { Fault: Fault.Stop, Hit: false })];

    public Spread? Recovery => Spread.Of(Strikes.Where(strike => strike.Fault == Fault.Kill).Select(strike => strike.Recovery));

    public Spread? RecoveryOfAll => Spread.Of(Strikes.Where(strike => strike.Fault == Fault.KillAll).Select(strike => strike.Recovery));

    public Spread? DatabaseBack => Spread.Of(Strikes.Select(strike => strike.Since));

    /// <summary>The logs of the deployments that the offences name.</summary>
    public IEnumerable<string> Concerned => History.Deployments
        .Where(deployment => Offences.Any(offence => Names(offence.Line, deployment.Id)))
        .SelectMany(deployment => deployment.Log.Select(deployment.Show));

    // Up to the end of its number: a1 names not a10.
    private static bool Names(string line, string deployment) =>
        line.IndexOf(deployment, StringComparison.Ordinal) is var at and >= 0
        && (at + deployment.Length == line.Length || !char.IsAsciiDigit(line[at + deployment.Length]));

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
        yield return FormattableString.Invariant($"Healthy silos declared dead without a fault: {Evicted}");
        foreach (var late in Accepted)
        {
            yield return $"The late entry of a silo that had been replaced was taken: {late}";
        }
        foreach (var offence in Offences)
        {
            yield return $"{offence.Check}: {offence.Line}";
        }
        foreach (var line in Concerned)
        {
            yield return line;
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
