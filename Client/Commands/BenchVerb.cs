using System.CommandLine;
using Maestro.Bench;
using Maestro.Connection;

namespace Maestro.Commands;

/// <summary><c>maestro bench</c>: measures this machine and this release, each figure beside its yardstick.</summary>
internal static class BenchVerb
{
    public static Command Create(SharedOptions shared)
    {
        var names = new Argument<string[]>("name")
        {
            Description = $"Which: {string.Join(", ", Benchmarks.All.Select(benchmark => benchmark.Name))}. Default: all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var seconds = SharedOptions.Number("--seconds", "How long each measurement takes.", 1, 600, 5);
        var rounds = SharedOptions.Number("--rounds", "How often measurement and yardstick take turns; the middle one counts.", 1, 25, 3);
        var percent = SharedOptions.Number("--percent", "How much of the full amount of data is made first.", 1, 100, 100);
        var output = new Option<string>("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("bench", "Measure speed on this machine, each figure beside a yardstick of the same run.")
        {
            names, seconds, rounds, percent, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var chosen = parsed.GetValue(names) is { Length: > 0 } named ? named.Select(Find).ToList() : [.. Benchmarks.All];
            var terminal = shared.Terminal(parsed);
            var asJson = parsed.GetValue(output) == "json";
            await using var place = new BenchPlace(
                TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), parsed.GetValue(percent) / 100.0, shared.Setting.Time);
            var measured = new List<Measurement>();
            foreach (var benchmark in chosen)
            {
                await (asJson ? terminal.Error : terminal.Out).WriteLineAsync($"{benchmark.Name}: {benchmark.About}");
                await foreach (var measurement in benchmark.RunAsync(place, cancellation))
                {
                    measured.Add(measurement);
                    await (asJson ? terminal.Error : terminal.Out).WriteLineAsync($"  {measurement.Line()}");
                }
            }
            if (asJson)
            {
                await terminal.Out.WriteLineAsync(BenchJson.Of(measured));
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static IBenchmark Find(string name) => Benchmarks.Find(name) ?? throw new SentenceException(
        $"There is no benchmark '{name}'. There are: {string.Join(", ", Benchmarks.All.Select(benchmark => benchmark.Name))}.", ExitCode.Usage);
}
