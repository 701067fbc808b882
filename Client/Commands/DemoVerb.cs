using System.CommandLine;
using Maestro.Demo;

namespace Maestro.Commands;

/// <summary><c>maestro demo</c>: three pull requests on this machine.</summary>
internal static class DemoVerb
{
    private const int DefaultWindow = 5;

    public static Command Create(SharedOptions shared)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Let the demo's own reviewer answer at the human gates." };
        var keep = new Option<bool>("--keep") { Description = "Leave everything running to look at." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object per line." };
        var running = new Option<bool>("--running") { Description = "Play on the silos that run in the folder, as infra/cluster.sh starts them." };
        var window = new Option<int>("--window")
        {
            Description = "How many seconds production is watched.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => DefaultWindow
        };
        window.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 3 or > 600)
            {
                result.AddError("--window takes 3 to 600 seconds.");
            }
        });
        var command = new Command("demo", "Take three example pull requests as far as they get, on this machine.") { yes, keep, json, running, window };
        command.SetAction((parsed, cancellation) => DemoEntry.RunAsync(
            new DemoSettings(
                shared.GivenFolder(parsed)
                    ?? Path.Combine(Path.GetTempPath(), $"maestro-demo-{Environment.UserName}"), parsed.GetValue(yes), parsed.GetValue(keep),
                parsed.GetValue(json), TimeSpan.FromSeconds(parsed.GetValue(window)), parsed.GetValue(running)),
            shared.Terminal(parsed), shared.Setting.Time, cancellation));
        return command;
    }
}
