using System.Diagnostics;
using System.Globalization;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Bench;

/// <summary>What a database full of deployments does to a list, to a step and to the silo's memory.</summary>
internal sealed class ListBenchmark : IBenchmark
{
    private const int Deployments = 100_000;
    private const int Asked50 = 50;
    private const int Listings = 200;

    // Closed ones, as after years, and every hundredth open and due in an hour.
    private const string Fill =
        """
        INSERT INTO deployment_head
          (deployment, application, attempt, number, table_version, status, stage, head_commit, base_commit, updated_at, due, snapshot, opened_at)
        SELECT 'pr/local/bench/shop/' || n, 'app-' || n % 200, 1, 30, 1, CASE WHEN n % 100 = 0 THEN 'Approval' ELSE 'finished' END, 'Finish',
          repeat('a', 40), repeat('b', 40), at, CASE WHEN n % 100 = 0 THEN later END, decode(repeat('5b', 1200), 'hex'), at
        FROM generate_series(1, @count) AS n,
          LATERAL (SELECT to_char(now() AT TIME ZONE 'UTC' - n * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.US"0Z"') AS at,
            to_char(now() AT TIME ZONE 'UTC' + interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS.US"0Z"') AS later) AS times
        """;

    public string Name => "list";

    public string About => "list, steps and memory with 100,000 deployments in the database";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var database = await place.DatabaseAsync(cancellation);
        await using var silo = await place.SiloAsync("list", database, BenchSilo.Quiet);
        var few = await StepsBenchmark.StepsAsync(silo, 64, place.Each, cancellation);
        var before = Collected();
        await BenchPlace.ExecuteAsync(
            database, Fill.Replace("@count", place.Sized(Deployments).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), cancellation);
        await BenchPlace.ExecuteAsync(database, "ANALYZE deployment_head", cancellation);
        await BenchPlace.ExecuteAsync(database, "CHECKPOINT", cancellation);
        var times = await ListAsync(silo, cancellation);
        yield return new("list p50", Pace.At(times, 0.5), "ms", Asked: Asked.Most(50));
        yield return new("list p99", Pace.At(times, 0.99), "ms", Asked: Asked.Most(50));
        yield return new("memory of all", (Collected() - before) / 1024.0, "KB");
        var many = await StepsBenchmark.StepsAsync(silo, 64, place.Each, cancellation);
        yield return new("steps/64 among many", many.PerSecond, "steps/s", new("among few", few.PerSecond), Asked.Times(0.8));
        var (young, old) = (await ActivationAsync(silo, 20, cancellation), await ActivationAsync(silo, 1000, cancellation));
        yield return new("activation at 1,000 entries", old, "ms", new("at 20 entries", young), Asked.AtMostTimes(1.5));
    }

    private static async Task<double[]> ListAsync(BenchSilo silo, CancellationToken cancellation)
    {
        var times = new List<double>();
        await silo.AsAsync(Role.Gateway, async grains =>
        {
            var catalogue = grains.GetGrain<ICatalogueGrain>("catalogue/all");
            for (var one = 0; one < Listings; one++)
            {
                cancellation.ThrowIfCancellationRequested();
                var started = Stopwatch.GetTimestamp();
                var listed = await catalogue.ListAsync(one % 2 == 0 ? null : "app-7", Asked50);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                if (listed.Count == 0)
                {
                    throw new InvalidOperationException("The list is empty.");
                }
            }
        });
        times.Sort();
        return [.. times];
    }

    // How long the first call of a new activation takes, in the middle.
    private static async Task<double> ActivationAsync(BenchSilo silo, int entries, CancellationToken cancellation)
    {
        const int logs = 31;
        string Key(int one) => string.Create(CultureInfo.InvariantCulture, $"pr/local/bench/long-{entries}/{one}");
        var times = new List<double>();
        await silo.AsAsync(Role.Control, async grains =>
        {
            await Task.WhenAll(Enumerable.Range(1, logs).Select(async one =>
            {
                for (var entry = 0; entry < entries; entry++)
                {
                    await grains.GetGrain<IStepGrain>(Key(one)).StepAsync();
                }
            }));
            await grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
            foreach (var one in Enumerable.Range(1, logs))
            {
                cancellation.ThrowIfCancellationRequested();
                var started = Stopwatch.GetTimestamp();
                await grains.GetGrain<IStepGrain>(Key(one)).OpenAsync();
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        });
        return Pace.Middle(times);
    }

    internal static long Collected()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
