using Maestro.Chaos;

namespace Maestro.Bench;

/// <summary>A drill that only kills: from the death of a silo to the next entry of what it held, and from a database that is back to the next.</summary>
internal sealed class RecoveryBenchmark : IBenchmark
{
    private const int Kills = 50;

    public string Name => "recovery";

    public string About => "kill -9 of silos and of the database, to the next entry of what they held";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var drill = new Drill(new DrillSettings(3, place.Sized(Kills), 1, 4, Others: false), place.Time, _ => { });
        var report = await drill.RunAsync(cancellation);
        if (report.Recovery is { } one)
        {
            yield return new("recovery p50", one.P50, "s");
            yield return new("recovery p95", one.P95, "s", Asked: Asked.Most(3));
        }
        if (report.RecoveryOfAll is { } all)
        {
            yield return new("recovery of all p95", all.P95, "s");
        }
        if (report.DatabaseBack is { } back)
        {
            yield return new("database back p95", back.P95, "s", Asked: Asked.Most(3));
        }
        yield return new("kills", report.Kills, "kills");
        yield return new("offences", report.Offences.Length, "lines", Asked: Asked.Most(0));
    }
}
