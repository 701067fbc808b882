using System.Diagnostics;
using System.Globalization;
using Maestro.Audit;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Bench;

/// <summary>Facts told to the ledger until they are durable, checking a long one whole, and proving one entry of it.</summary>
internal sealed class LedgerBenchmark : IBenchmark
{
    private const int Crowded = 256;
    private const int Steady = 1000;
    private const int Long = 1_000_000;
    private const int Batch = 5000;
    private const int Proofs = 200;

    private long _told;

    public string Name => "ledger";

    public string About => "facts told to the ledger on PostgreSQL, and checking and proving a million of them";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var silo = await place.SiloAsync("ledger", await place.DatabaseAsync(cancellation), BenchSilo.Quiet);
        var (crowd, steady) = (new List<Pace>(), new List<Pace>());
        for (var round = 0; round < place.Rounds; round++)
        {
            await silo.AsAsync(Role.Control, async grains =>
            {
                var ledger = grains.GetGrain<ILedgerGrain>("ledger/main");
                crowd.Add(await Crowd.RunAsync(Crowded, place.Each, _ => ledger.AppendAsync(Next(place)), cancellation));
                steady.Add(await Stride.RunAsync(Steady, place.Each, place.Time, () => ledger.AppendAsync(Next(place)), cancellation));
            });
        }
        var (many, paced) = (Pace.Middle(crowd), Pace.Middle(steady));
        yield return new("ledger/256", many.PerSecond, "facts/s", Asked: Asked.Least(10_000));
        yield return new("ledger/256 p99", many.P99, "ms");
        yield return new("ledger at 1,000/s p99", paced.P99, "ms", Asked: Asked.Most(50));
        await FillAsync(place, silo.Services.GetRequiredService<ILedgerStore>(), cancellation);
        await foreach (var figure in ReadAsync(silo, cancellation))
        {
            yield return figure;
        }
    }

    private static async IAsyncEnumerable<Measurement> ReadAsync(
        BenchSilo silo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var checkpoints = silo.Grains.GetGrain<ICheckpointGrain>("checkpoint/main");
        var started = Stopwatch.GetTimestamp();
        await silo.AsAsync(Role.Control, _ => checkpoints.SignAsync());
        yield return new("signing what was added", Stopwatch.GetElapsedTime(started).TotalSeconds, "s");
        started = Stopwatch.GetTimestamp();
        var verified = await silo.Services.GetRequiredService<LedgerCheck>().VerifyAsync(cancellation);
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        yield return verified.Verified
            ? new("checking the whole ledger", took * Long / verified.Entries, "s/1M", Asked: Asked.Most(10))
            : throw new InvalidOperationException(verified.Difference);
        Pace? proofs = null;
        await silo.AsAsync(Role.Gateway, async _ => proofs = await ProveAsync(checkpoints, verified.Entries));
        yield return new("proving one entry", proofs!.P50, "ms", Asked: Asked.Most(10));
    }

    private static async Task<Pace> ProveAsync(ICheckpointGrain checkpoints, long entries)
    {
        var (times, started) = (new double[Proofs], Stopwatch.GetTimestamp());
        for (var one = 0; one < Proofs; one++)
        {
            var begun = Stopwatch.GetTimestamp();
            _ = await checkpoints.ProveAsync(entries / Proofs * one) ?? throw new InvalidOperationException("An entry has no proof.");
            times[one] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }
        return Pace.Of(times, Stopwatch.GetElapsedTime(started));
    }

    // A long ledger is there to be read; that its rows came in batches of thousands changes nothing of that.
    private async Task FillAsync(BenchPlace place, ILedgerStore store, CancellationToken cancellation)
    {
        var last = await store.ReadLastAsync(cancellation);
        while ((last?.Index ?? -1) + 1 < place.Sized(Long))
        {
            var entries = LedgerChain.Append(last, Enumerable.Range(0, Batch).Select(_ => Next(place) with { Actor = "role:control" }));
            if (!await store.AppendAsync(last?.Index ?? -1, entries, cancellation))
            {
                throw new InvalidOperationException("Somebody else writes to the benchmark's ledger.");
            }
            last = entries[^1];
        }
    }

    private LedgerFact Next(BenchPlace place) => new(
        string.Create(CultureInfo.InvariantCulture, $"bench/{Interlocked.Increment(ref _told)}"), place.Time.GetUtcNow(), "bench.fact", "",
        "pr/local/bench/steps/1", "{\"evidence\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}");
}
