using System.Diagnostics;
using System.Globalization;
using Maestro.Audit;
using Maestro.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Bench;

/// <summary>Durable steps through grains on PostgreSQL, beside matched pgbench and beside Orleans' own persistence, taking turns.</summary>
internal sealed class StepsBenchmark : IBenchmark
{
    private static readonly int[] InFlight = [1, 64, 256];
    private static readonly int[] Clients = [8, 16, 32];

    public string Name => "steps";

    public string About => "durable steps a second on PostgreSQL, at 1, 64 and 256 in flight";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var database = await place.DatabaseAsync(cancellation);
        var pgbench = new Pgbench(await place.DatabaseAsync(cancellation), place.In(""));
        await pgbench.PrepareAsync(cancellation);
        await using var silo = await place.SiloAsync("steps", database, BenchSilo.Quiet);
        var steps = InFlight.ToDictionary(count => count, _ => new List<Pace>());
        var (alone, matched, plain) = (new List<double>(), new List<double>(), new List<Pace>());
        for (var round = 0; round < place.Rounds; round++)
        {
            alone.Add(await pgbench.StepsAsync(1, place.Each, cancellation));
            matched.Add(await BestAsync(pgbench, place, cancellation));
            foreach (var count in InFlight)
            {
                steps[count].Add(await StepsAsync(silo, count, place.Each, cancellation));
            }
            plain.Add(await PlainAsync(silo, 64, place.Each, cancellation));
        }
        var (one, best, orleans) = (Pace.Middle(alone), Pace.Middle(matched), Pace.Middle(plain));
        var (first, many, most) = (Pace.Middle(steps[1]), Pace.Middle(steps[64]), Pace.Middle(steps[256]));
        yield return new("steps/1", first.PerSecond, "steps/s", new("pgbench, 1 client", one));
        yield return new("steps/64", many.PerSecond, "steps/s", new("pgbench, best of 8 to 32 clients", best), Asked.Times(2.5));
        yield return new("steps/64 beside Orleans", many.PerSecond, "steps/s", new("Orleans ADO.NET persistence", orleans.PerSecond), Asked.Times(4));
        yield return new("steps/64 p50", many.P50, "ms", new("Orleans ADO.NET persistence", orleans.P50));
        yield return new("steps/64 p99", many.P99, "ms", new("Orleans ADO.NET persistence", orleans.P99), Asked.Most(20));
        yield return new("steps/256", most.PerSecond, "steps/s", new("pgbench, best of 8 to 32 clients", best));
        yield return new("steps/256 p99", most.P99, "ms");
        yield return new("steps drained to ledger", await DrainAsync(silo, database, place.Each, cancellation), "facts/s");
    }

    internal static async Task<Pace> StepsAsync(BenchSilo silo, int count, TimeSpan time, CancellationToken cancellation)
    {
        IStepGrain[] grains = [.. Enumerable.Range(1, count).Select(one => silo.Grains.GetGrain<IStepGrain>(Key(one)))];
        Pace? pace = null;
        await silo.AsAsync(Role.Control, async _ =>
        {
            await Task.WhenAll(grains.Select(grain => grain.StepAsync()));
            pace = await Crowd.RunAsync(count, time, one => grains[one].StepAsync(), cancellation);
        });
        return pace!;
    }

    private static string Key(int one) => string.Create(CultureInfo.InvariantCulture, $"pr/local/bench/steps/{one}");

    private static async Task<double> BestAsync(Pgbench pgbench, BenchPlace place, CancellationToken cancellation)
    {
        var best = 0.0;
        foreach (var clients in Clients)
        {
            best = Math.Max(best, await pgbench.StepsAsync(clients, place.Each / 2, cancellation));
        }
        return best;
    }

    private static async Task<Pace> PlainAsync(BenchSilo silo, int count, TimeSpan time, CancellationToken cancellation)
    {
        IPlainGrain[] grains = [.. Enumerable.Range(1, count).Select(one => silo.Grains.GetGrain<IPlainGrain>($"plain/{one}"))];
        Pace? pace = null;
        await silo.AsAsync(Role.Control, async _ => pace = await Crowd.RunAsync(count, time, one => grains[one].StepAsync(), cancellation));
        return pace!;
    }

    // The steps' facts wait in the outbox; what it costs to chain them is measured by itself.
    private static async Task<double> DrainAsync(BenchSilo silo, string database, TimeSpan time, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await silo.AsAsync(Role.Control, async grains => await Task.WhenAny(
            grains.GetGrain<ILedgerGrain>("ledger/main").DrainAsync(), Task.Delay(time, silo.Services.GetRequiredService<TimeProvider>(), cancellation)));
        return await BenchPlace.NumberAsync(database, "SELECT count(*) FROM ledger", cancellation) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
