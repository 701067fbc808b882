using System.CommandLine;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;
using Spectre.Console;

namespace Maestro.Commands;

/// <summary><c>maestro get</c>: one deployment as a tree; with <c>--watch</c> until it is closed.</summary>
internal static class GetVerb
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var id = SharedOptions.Id();
        var watch = new Option<bool>("--watch", "-w") { Description = "Stay and show what changes, until it is closed." };
        var output = SharedOptions.Output();
        var command = new System.CommandLine.Command("get", "Show a deployment as a tree.") { id, watch, output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var view = await DeploymentLookup.ViewAsync(silo, parsed.GetRequiredValue(id));
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("deployment", view));
            }
            else if (parsed.GetValue(watch))
            {
                await WatchAsync(silo.Grain<IDeploymentGrain>(view.Id), view, terminal, shared.Setting.Time, cancellation);
            }
            else
            {
                terminal.Write(DeploymentTree.Of(view, shared.Setting.Time.GetUtcNow(), terminal.Width));
            }
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static Task WatchAsync(IDeploymentGrain grain, DeploymentView first, Terminal terminal, TimeProvider time, CancellationToken cancellation) =>
        terminal is { Colour: true, Interactive: true }
            ? terminal.Canvas().Live(terminal.Draw(DeploymentTree.Of(first, time.GetUtcNow(), terminal.Width))).Overflow(VerticalOverflow.Crop).StartAsync(
                live => EachAsync(
                    grain, first, time, view => live.UpdateTarget(terminal.Draw(DeploymentTree.Of(view, time.GetUtcNow(), terminal.Width))), cancellation))
            : EachChangeAsync(grain, first, terminal, time, cancellation);

    // Where nothing can be drawn over, a page is printed only when more than the time has changed.
    private static async Task EachChangeAsync(
        IDeploymentGrain grain, DeploymentView first, Terminal terminal, TimeProvider time,
        CancellationToken cancellation)
    {
        var shown = -1;
        await EachAsync(grain, first, time, view =>
        {
            if (view.Entries != shown)
            {
                shown = view.Entries;
                terminal.Write([.. DeploymentTree.Of(view, time.GetUtcNow(), terminal.Width), Line.Empty]);
            }
        }, cancellation);
    }

    private static async Task EachAsync(
        IDeploymentGrain grain, DeploymentView view, TimeProvider time, Action<DeploymentView> show, CancellationToken cancellation)
    {
        show(view);
        while (view.ClosedAt is null)
        {
            await Task.Delay(Pace, time, cancellation);
            view = await grain.GetAsync() ?? view;
            show(view);
        }
    }
}
