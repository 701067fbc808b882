using Maestro.Approvals;
using Maestro.Commands;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Screen;

namespace Maestro.Demo;

/// <summary>The human gates of the demo: the person at the terminal answers, or with <c>--yes</c> the demo's own reviewer, and says so.</summary>
internal sealed class DemoGates(DemoSettings settings, ISilo silo, PersonKey reviewer, Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(10);
    private readonly HashSet<string> _answered = [];

    /// <summary>The question of this deployment that waits for people and was not answered yet; null where there is none.</summary>
    public async Task<ApprovalRequest?> FindAsync(DeploymentView view)
    {
        if (!view.Stages.Any(stage => stage is { Asked: "desk", Status: "running" }))
        {
            return null;
        }
        var desk = await DeploymentLookup.DeskAsync(silo, view.Application);
        return (await desk.ListAsync()).FirstOrDefault(request => request.Deployment == view.Id && !_answered.Contains(request.Nonce));
    }

    /// <summary>Shows the question and sends the signed answer.</summary>
    public async Task AnswerAsync(DeploymentView view, ApprovalRequest request, CancellationToken cancellation)
    {
        if (!settings.Json)
        {
            terminal.Write(ApprovalPage.Of(request, time.GetUtcNow()));
        }
        var approved = settings.Yes || await AskAsync(cancellation);
        var now = time.GetUtcNow();
        var decision = new Decision(
            request.Deployment, request.Attempt, request.Stage, request.Head, request.Base, request.Plan, request.Image, request.Environment,
            request.Nonce, reviewer.Person, approved, null, now, now + Validity);
        var team = await DeploymentLookup.TeamAsync(silo, view.Application);
        await silo.Grain<IGatewayGrain>(OpenVerb.GatewayKey).DecideAsync(team, PersonSigner.Sign(reviewer, decision));
        _answered.Add(request.Nonce);
        if (!settings.Json)
        {
            terminal.Say(settings.Yes
                ? $"Approved by {reviewer.Person}, the demo's own reviewer, because of --yes. Nobody answers for people outside a demo."
                : $"{(approved ? "Approved" : "Rejected")} and signed as {reviewer.Person}.");
            terminal.Write(Line.Empty);
        }
    }

    private async Task<bool> AskAsync(CancellationToken cancellation)
    {
        if (!terminal.Interactive)
        {
            throw new SentenceException("The demo asks at the human gates and nobody is here. Use --yes to let its own reviewer answer.", ExitCode.Usage);
        }
        await terminal.Out.WriteAsync("Approve this? [y/N] ");
        await terminal.Out.FlushAsync(cancellation);
        return await terminal.In.ReadLineAsync(cancellation) is { } answer && answer.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}
