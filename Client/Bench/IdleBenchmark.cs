using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Bench;

/// <summary>What an idle silo takes of one core, beside the same silo without waker and other rounds.</summary>
internal sealed class IdleBenchmark : IBenchmark
{
    public string Name => "idle";

    public string About => "what an idle silo takes of one core";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var whole = new List<double>();
        var quiet = new List<double>();
        for (var round = 0; round < place.Rounds; round++)
        {
            quiet.Add(await ShareAsync(place, $"quiet-{round}", BenchSilo.Quiet, cancellation));
            whole.Add(await ShareAsync(place, $"whole-{round}", new InstantWorld().ReplaceIn, cancellation));
        }
        var (all, bare) = (Pace.Middle(whole), Pace.Middle(quiet));
        yield return new("idle silo", all, "% core", new("without waker and rounds", bare));
        yield return new("idle waker and rounds", all - bare, "% core", Asked: Asked.Most(1));
    }

    private static async Task<double> ShareAsync(BenchPlace place, string name, Action<IServiceCollection> replace, CancellationToken cancellation)
    {
        await using var silo = await place.SiloAsync(name, await place.DatabaseAsync(cancellation), replace);
        // What a start leaves to do is done first.
        await Task.Delay(place.Each, place.Time, cancellation);
        using var process = Process.GetCurrentProcess();
        var (started, used) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        await Task.Delay(place.Each * 2, place.Time, cancellation);
        process.Refresh();
        return (process.TotalProcessorTime - used) / Stopwatch.GetElapsedTime(started) * 100;
    }
}
