namespace Maestro.Bench;

/// <summary>Durable steps through grains on SQLite with full synchronous writes, beside one transaction a step by the bare library.</summary>
internal sealed class FolderStepsBenchmark : IBenchmark
{
    private static readonly int[] InFlight = [1, 64, 256];

    public string Name => "sqlite";

    public string About => "durable steps a second on SQLite, at 1, 64 and 256 in flight";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var silo = await place.SiloAsync("sqlite", null, BenchSilo.Quiet);
        using var bare = new BareSqlite(place.In("bare.db"));
        var (single, paces) = (new List<double>(), InFlight.ToDictionary(count => count, _ => new List<Pace>()));
        for (var round = 0; round < place.Rounds; round++)
        {
            single.Add(bare.StepsPerSecond(place.Each, cancellation));
            foreach (var count in InFlight)
            {
                paces[count].Add(await StepsBenchmark.StepsAsync(silo, count, place.Each, cancellation));
            }
        }
        var yardstick = new Yardstick("SQLite, a transaction a step", Pace.Middle(single));
        foreach (var count in InFlight)
        {
            var pace = Pace.Middle(paces[count]);
            yield return new(FormattableString.Invariant($"sqlite/{count}"), pace.PerSecond, "steps/s", yardstick, count == 64 ? Asked.Least(6000) : null);
            yield return new(FormattableString.Invariant($"sqlite/{count} p99"), pace.P99, "ms");
        }
    }
}
