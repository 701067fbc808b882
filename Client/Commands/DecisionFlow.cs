using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>How a person decides: look at the facts, say yes or no, sign exactly what was shown.</summary>
internal sealed class DecisionFlow(SharedOptions shared, Terminal terminal, string folder)
{
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(10);

    /// <summary>What a person says of a deployment.</summary>
    /// <param name="Stage">Which of its questions; null where there is only one.</param>
    internal sealed record Answer(string Deployment, Stage? Stage, bool Approved, string? Comment, bool Yes);

    public async Task<int> DecideAsync(ISilo silo, Answer answer, CancellationToken cancellation)
    {
        var view = await DeploymentLookup.ViewAsync(silo, answer.Deployment);
        var team = await DeploymentLookup.TeamAsync(silo, view.Application);
        var request = Choose(await silo.Grain<IApprovalDeskGrain>($"desk/{team}").ListAsync(), view.Id, answer.Stage);
        terminal.Write(ApprovalPage.Of(request, shared.Setting.Time.GetUtcNow()));
        terminal.Write([Line.Empty, .. Cautions.Of(view)]);
        var person = shared.Setting.Signer.Person(folder);
        if (!await shared.ConfirmAsync($"{(answer.Approved ? "Approve" : "Reject")} this as {Shown.Text(person)}?", answer.Yes, cancellation))
        {
            throw new SentenceException("Nothing was decided.", ExitCode.Refused);
        }
        var missing = await silo.Grain<IGatewayGrain>(OpenVerb.GatewayKey).DecideAsync(
            team, shared.Setting.Signer.Sign(folder, Decision(request, answer, person)));
        terminal.Say(answer.Approved
            ? missing is null ? "Approved. Nothing more is missing." : $"Approved. Still missing: {missing}"
            : "Rejected.");
        return ExitCode.Done;
    }

    private Decision Decision(ApprovalRequest request, Answer answer, string person)
    {
        var now = shared.Setting.Time.GetUtcNow();
        return new(
            request.Deployment, request.Attempt, request.Stage, request.Head, request.Base, request.Plan, request.Image, request.Environment,
            request.Nonce, person, answer.Approved, answer.Comment, now, now + Validity);
    }

    public static ApprovalRequest Choose(IEnumerable<ApprovalRequest> waiting, string deployment, Stage? stage)
    {
        ApprovalRequest[] questions = [.. waiting.Where(request => request.Deployment == deployment && (stage is null || request.Stage == stage))];
        return questions switch
        {
            [var only] => only,
            [] => throw new SentenceException(
                $"{deployment} asks people nothing{(stage is null ? "" : $" about {stage}")} now. See: maestro why {deployment}", ExitCode.NotFound),
            _ => throw new SentenceException(
                $"{deployment} asks about {string.Join(" and ", questions.Select(request => request.Stage))}. Choose one with --stage.", ExitCode.Usage),
        };
    }
}
