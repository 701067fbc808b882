using System.Diagnostics;

namespace Maestro.Bench;

/// <summary>What Maestro itself takes for a whole deployment, from opening to closing, with every row, real streams, desk and ledger.</summary>
internal sealed class OrchestrationBenchmark : IBenchmark
{
    private const int Together = 200;

    public string Name => "orchestration";

    public string About => "a whole deployment where everything outside answers at once";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var together = place.Sized(Together);
        await using var cluster = await BenchCluster.StartAsync(place, "orchestration", together, cancellation);
        // The first ones load code and fill caches.
        await Crowd.RunAsync(Math.Min(8, together), place.Each, one => cluster.DeliverAsync(one, cancellation), cancellation);
        var (alone, rates) = (new List<Pace>(), new List<double>());
        for (var round = 0; round < place.Rounds; round++)
        {
            alone.Add(await Crowd.RunAsync(1, place.Each, one => cluster.DeliverAsync(one, cancellation), cancellation));
            rates.Add(await TogetherAsync(place, cluster, together, cancellation));
        }
        var one = Pace.Middle(alone);
        yield return new("deployment p50", one.P50, "ms", Asked: Asked.Most(100));
        yield return new("deployment p99", one.P99, "ms");
        yield return new("deployments in crowd", Pace.Middle(rates), "1/s", Asked: Asked.Least(40));
    }

    // The clock stops when the last one is closed and its facts are in the ledger.
    private static async Task<double> TogetherAsync(BenchPlace place, BenchCluster cluster, int together, CancellationToken cancellation)
    {
        var (started, count) = (Stopwatch.GetTimestamp(), 0);
        await Crowd.RunAsync(together, place.Each, async one =>
        {
            await cluster.DeliverAsync(one, cancellation);
            Interlocked.Increment(ref count);
        }, cancellation);
        while (await BenchPlace.NumberAsync(cluster.Database, "SELECT count(*) FROM ledger_outbox", cancellation) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), place.Time, cancellation);
        }
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
