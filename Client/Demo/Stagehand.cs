using System.Globalization;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Demo;

/// <summary>Plays one scenario: pushes the change, opens it, answers at the gates, and looks at what production says.</summary>
internal sealed class Stagehand(
    DemoSettings settings, DemoPeople people, ISilo author, ISilo reviewer, DemoRepository repository, ProductionProbe probe, DemoScreen screen,
        Terminal terminal, TimeProvider time)
{
    private const string Application = "shop";

    public async Task<ScenarioResult> PlayAsync(DemoScenario scenario, CancellationToken cancellation)
    {
        screen.Heading(scenario.Story);
        var started = time.GetTimestamp();
        probe.Begin();
        await repository.PushAsync(scenario.Branch, scenario.Files, scenario.Message, cancellation);
        var id = await author.Grain<IGatewayGrain>("gateway/local").OpenAsync(Application, scenario.Branch, "main");
        var view = await FollowAsync(id, cancellation);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var outcome = Statuses.Name(view.Outcome!.Value);
        var stage = StageOf(view);
        var (status, text) = await probe.AskAsync(cancellation);
        var bad = scenario.Outcome == "rolled-back" ? probe.Bad : null;
        screen.Say($"Production answers {status}: {Shown.Text(text)}");
        var told = Told(view, bad);
        screen.Say(told);
        var asExpected = outcome == scenario.Outcome && stage == scenario.Stage && status == 200 && text.StartsWith(scenario.Serves, StringComparison.Ordinal)
            && (scenario.Outcome != "rolled-back" || bad is not null);
        return new(scenario.Name, id, outcome, stage, seconds, bad?.TotalSeconds, told, asExpected);
    }

    private async Task<DeploymentView> FollowAsync(string id, CancellationToken cancellation)
    {
        var gates = new DemoGates(settings, reviewer, people.Reviewer, terminal, time);
        while (true)
        {
            Approvals.ApprovalRequest? request = null;
            var view = await screen.FollowAsync(reviewer, id, async shown => (request = await gates.FindAsync(shown)) is not null, cancellation);
            if (request is null)
            {
                return view;
            }
            await gates.AnswerAsync(view, request, cancellation);
        }
    }

    private static string StageOf(DeploymentView view) =>
        (view.Stages.FirstOrDefault(stage => stage.Status is "refused" or "broke") ?? view.Stages.Last(stage => stage.StartedAt is not null)).Stage.ToString();

    private static string Told(DeploymentView view, TimeSpan? bad)
    {
        var reason = view.Stages.FirstOrDefault(stage => stage.Reason is not null)?.Reason;
        return (reason, bad) switch
        {
            (null, _) => "It is in production and merged.",
            (_, { } span) => string.Create(CultureInfo.InvariantCulture,
                $"From the first bad answer to the next good one: {span.TotalSeconds:F1} s. {reason.Found}"),
            _ => Shown.Text(reason.Found),
        };
    }
}
