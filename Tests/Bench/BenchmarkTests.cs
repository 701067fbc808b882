using Maestro.Chaos;

namespace Maestro.Bench;

/// <summary>Every benchmark runs to its end on a small scale; what it measures there says nothing.</summary>
public sealed class BenchmarkTests
{
    [Theory]
    [InlineData("steps", "steps/1", "steps/64", "steps/64 beside Orleans", "steps/64 p99", "steps/256", "steps drained to ledger")]
    [InlineData("sqlite", "sqlite/1", "sqlite/64", "sqlite/64 p99", "sqlite/256")]
    [InlineData("messages", "one message checked", "counting it for the watch", "one nonce durable, alone", "one nonce durable, 64 at once")]
    [InlineData("orchestration", "deployment p50", "deployments in crowd")]
    [InlineData("webhooks", "webhooks/1", "webhooks/32", "webhooks/128")]
    [InlineData("trust", "steps with identity", "and a message for each", "until the ledger has them", "a call sealed and checked")]
    [InlineData("list", "list p50", "steps/64 among many", "activation at 1,000 entries")]
    [InlineData("waiting", "disk", "memory while active", "caught up with all")]
    [InlineData("idle", "idle silo", "idle waker and rounds")]
    public async Task A_benchmark_measures_what_it_names(string name, params string[] figures)
    {
        Assert.SkipWhen(PrivatePostgres.Programs() is null, "PostgreSQL is not installed.");
        await using var place = new BenchPlace(TimeSpan.FromSeconds(1), 1, 0.01, TimeProvider.System);
        var measured = new List<Measurement>();
        await foreach (var measurement in Benchmarks.Find(name)!.RunAsync(place, TestContext.Current.CancellationToken))
        {
            measured.Add(measurement);
        }
        Assert.All(figures, figure => Assert.Contains(measured, one => one.Name == figure));
        Assert.All(measured, one => Assert.True(double.IsFinite(one.Value), one.Name));
        Assert.All(measured.Where(one => one.Yardstick is not null), one => Assert.True(one.Yardstick!.Value > 0, one.Name));
    }

    [Fact]
    public void A_figure_says_whether_it_reaches_what_is_asked()
    {
        var figure = new Measurement("steps/64", 100, "steps/s", new("pgbench", 40), Asked.Times(2.5));
        Assert.Equal((2.5, true), (figure.Ratio, figure.Reached));
        Assert.Contains("reached: at least 2.5 x", figure.Line(), StringComparison.Ordinal);
        Assert.Contains("MISSED", (figure with { Value = 99 }).Line(), StringComparison.Ordinal);
        Assert.False(new Measurement("p99", 21, "ms", Asked: Asked.Most(20)).Reached);
        Assert.False(new Measurement("ratio without a yardstick", 21, "ms", Asked: Asked.Times(1)).Reached);
    }

    [Fact]
    public void The_document_names_every_benchmark() => Assert.All(Benchmarks.All, benchmark =>
        Assert.Contains($"`{benchmark.Name}`", File.ReadAllText(Path.Combine(Support.Fixtures.Root, "docs", "performance.md")), StringComparison.Ordinal));
}
