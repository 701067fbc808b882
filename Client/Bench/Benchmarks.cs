using System.Collections.Immutable;

namespace Maestro.Bench;

/// <summary>All benchmarks, in the order they are run in.</summary>
internal static class Benchmarks
{
    public static ImmutableArray<IBenchmark> All { get; } =
    [
        new StepsBenchmark(), new FolderStepsBenchmark(), new LedgerBenchmark(), new MessagesBenchmark(), new TrustBenchmark(), new OrchestrationBenchmark(),
        new WebhooksBenchmark(), new ListBenchmark(), new WaitingBenchmark(), new IdleBenchmark(), new RecoveryBenchmark(),
    ];

    public static IBenchmark? Find(string name) => All.FirstOrDefault(benchmark => benchmark.Name == name);
}
