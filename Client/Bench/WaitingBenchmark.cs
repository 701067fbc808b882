using System.Diagnostics;

namespace Maestro.Bench;

/// <summary>What a deployment costs that waits, and how long a silo that starts again takes until it has looked at all that are open.</summary>
internal sealed class WaitingBenchmark : IBenchmark
{
    private const int Open = 10_000;
    private const int Opening = 64;
    private const int Applications = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public string Name => "waiting";

    public string About => "memory and disk of a deployment that waits, and catching up with 10,000 open ones";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var open = place.Sized(Open);
        await using var cluster = await BenchCluster.StartAsync(place, "waiting", Applications, cancellation);
        cluster.World.Hold = true;
        await cluster.OpenAsync(0);
        await RestAsync(place, cluster, 1, cancellation);
        var (memory, disk) = (ListBenchmark.Collected(), await DiskAsync(cluster, cancellation));
        var (next, started) = (0, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Opening).Select(async _ =>
        {
            for (var one = Interlocked.Increment(ref next); one <= open; one = Interlocked.Increment(ref next))
            {
                await cluster.OpenAsync(one % Applications);
            }
        }));
        await RestAsync(place, cluster, open, cancellation);
        yield return new("deployments opened", open / Stopwatch.GetElapsedTime(started).TotalSeconds, "1/s");
        yield return new("memory while active", (ListBenchmark.Collected() - memory) / 1024.0 / open, "KB each");
        await cluster.Silo.CollectAsync();
        yield return new("memory once collected", (ListBenchmark.Collected() - memory) / 1024.0 / open, "KB each");
        yield return new("disk", (await DiskAsync(cluster, cancellation) - disk) / 1024.0 / open, "KB each");
        await cluster.StopSiloAsync();
        cluster.Forget();
        started = Stopwatch.GetTimestamp();
        await cluster.StartSiloAsync(place, "waiting");
        await RestAsync(place, cluster, open, cancellation);
        yield return new("caught up with all", Stopwatch.GetElapsedTime(started).TotalSeconds, "s");
        await cluster.ConnectAsync(cancellation);
    }

    private static async Task RestAsync(BenchPlace place, BenchCluster cluster, int count, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (cluster.Resting < count)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"Only {cluster.Resting} of {count} deployments came to rest.");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), place.Time, cancellation);
        }
    }

    private static async Task<long> DiskAsync(BenchCluster cluster, CancellationToken cancellation) =>
        await BenchPlace.NumberAsync(cluster.Database, "SELECT pg_database_size(current_database())", cancellation)
        + new DirectoryInfo(cluster.Silo.Data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
