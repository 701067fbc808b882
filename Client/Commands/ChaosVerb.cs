using System.CommandLine;
using Maestro.Chaos;
using Maestro.Connection;

namespace Maestro.Commands;

/// <summary><c>maestro chaos</c>: a drill on this machine.</summary>
internal static class ChaosVerb
{
    public static Command Create(SharedOptions shared)
    {
        var silos = SharedOptions.Number("--silos", "How many silos the cluster has.", 2, 9, 3);
        var kills = SharedOptions.Number("--kills", "How many times silos or the database are killed.", 0, 10_000, 20);
        var seed = SharedOptions.Number("--seed", "Chooses faults and moments.", 0, int.MaxValue, 1);
        var applications = SharedOptions.Number("--applications", "How many applications are delivered at once.", 1, 16, 4);
        var stop = SharedOptions.Number("--stop-seconds", "How long a silo that is stopped with SIGSTOP stays so at least.", 0, 600, 60);
        var burn = SharedOptions.Number("--burn-seconds", "How long all processors are kept busy at the end.", 0, 3600, 0);
        var json = new Option<bool>("--json") { Description = "Print the result as one JSON document." };
        var command = new Command("chaos", "Kill silos of a throwaway cluster, and check what is lost or doubled.")
        {
            silos, kills, seed, applications, stop, burn, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var terminal = shared.Terminal(parsed);
            var asJson = parsed.GetValue(json);
            var settings = new DrillSettings(
                parsed.GetValue(silos), parsed.GetValue(kills), parsed.GetValue(seed), parsed.GetValue(applications),
                StopFor: TimeSpan.FromSeconds(parsed.GetValue(stop)),
                BurnFor: TimeSpan.FromSeconds(parsed.GetValue(burn)));
            var report = await new Drill(settings, shared.Setting.Time, line => (asJson ? terminal.Error : terminal.Out).WriteLine(line))
                .RunAsync(cancellation);
            await terminal.Out.WriteLineAsync(asJson ? DrillJson.Of(report) : string.Join(Environment.NewLine, report.Lines()));
            return report.IsGood ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }
}
