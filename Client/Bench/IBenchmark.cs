namespace Maestro.Bench;

/// <summary>Something that is measured beside its yardstick.</summary>
internal interface IBenchmark
{
    /// <summary>As it is named on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures, in a few words.</summary>
    string About { get; }

    IAsyncEnumerable<Measurement> RunAsync(BenchPlace place, CancellationToken cancellation);
}
