using System.Text.Json;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;
using Spectre.Console;

namespace Maestro.Demo;

/// <summary>Shows a deployment as a live tree where the terminal can be drawn over, else a line for every stage that ends; with JSON nothing.</summary>
internal sealed class DemoScreen(DemoSettings settings, Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private readonly HashSet<(string, int, Stage, string)> _told = [];

    private bool Live => terminal is { Colour: true, Interactive: true } && !settings.Json;

    public void Heading(string text)
    {
        if (!settings.Json)
        {
            terminal.Write(Line.Empty, Line.Of(text, Tone.Strong), Line.Empty);
        }
    }

    public void Say(string text)
    {
        if (!settings.Json)
        {
            terminal.Say(text);
        }
    }

    public async Task JsonAsync(object value)
    {
        if (settings.Json)
        {
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(value));
            await terminal.Out.FlushAsync();
        }
    }

    /// <summary>Shows the deployment until it is closed or <paramref name="interrupt"/> says that a person is asked.</summary>
    public async Task<DeploymentView> FollowAsync(ISilo silo, string id, Func<DeploymentView, Task<bool>> interrupt, CancellationToken cancellation)
    {
        var grain = silo.Grain<IDeploymentGrain>(id);
        var view = await ReadAsync(grain, id);
        if (!Live)
        {
            return await EachAsync(grain, id, view, interrupt, settings.Json ? _ => { } : TellStages, cancellation);
        }
        await terminal.Canvas().Live(terminal.Draw(DeploymentTree.Of(view, time.GetUtcNow()))).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
            view = await EachAsync(grain, id, view, interrupt, shown =>
                live.UpdateTarget(terminal.Draw(DeploymentTree.Of(shown, time.GetUtcNow()))), cancellation));
        return view;
    }

    private async Task<DeploymentView> EachAsync(
        IDeploymentGrain grain, string id, DeploymentView view, Func<DeploymentView, Task<bool>> interrupt, Action<DeploymentView> show,
            CancellationToken cancellation)
    {
        while (true)
        {
            show(view);
            if (view.Outcome is not null || await interrupt(view))
            {
                return view;
            }
            await Task.Delay(Pace, time, cancellation);
            view = await ReadAsync(grain, id);
        }
    }

    private void TellStages(DeploymentView view)
    {
        foreach (var stage in view.Stages.Where(stage => stage.EndedAt is not null && _told.Add((view.Id, view.Attempt, stage.Stage, stage.Status))))
        {
            terminal.Write(Line.Of($"  {Symbols.Of(stage).Sign} {stage.Stage,-20} {stage.Detail}").Cut(terminal.Width));
        }
    }

    private static async Task<DeploymentView> ReadAsync(IDeploymentGrain grain, string id) =>
        await grain.GetAsync() ?? throw new SentenceException($"There is no deployment '{id}'.", ExitCode.NotFound);
}
