using System.CommandLine;
using System.Globalization;
using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro break-glass</c>: in an emergency two people answer a question whose reviewers cannot be had, and pass a hold.</summary>
internal static class BreakGlassVerb
{
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(10);

    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var id = SharedOptions.Id();
        var reason = new Option<string?>("--reason") { Description = "Why it cannot wait for reviewers. It is kept, signed.", HelpName = "TEXT" };
        var time = Time();
        var second = new Option<bool>("--second") { Description = "Be the second person: sign what another asks for." };
        var stage = StageOption.Create("Which question, where a deployment asks more than one.");
        var yes = new Option<bool>("--yes") { Description = "Do not ask; for people who have looked already." };
        var command = new System.CommandLine.Command("break-glass", "In an emergency: answer for missing reviewers and pass a hold, two people together.")
        {
            id, reason, time, second, stage, yes,
        };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var view = await DeploymentLookup.ViewAsync(silo, parsed.GetRequiredValue(id));
            var team = await DeploymentLookup.TeamAsync(silo, view.Application);
            var request = DecisionFlow.Choose(
                await silo.Grain<IApprovalDeskGrain>($"desk/{team}").ListAsync(), view.Id, StageOption.Of(parsed, stage));
            var now = shared.Setting.Time.GetUtcNow();
            var (why, until) = parsed.GetValue(second)
                ? Asked(request)
                : (Given(parsed.GetValue(reason)), now + TimeSpan.FromMinutes(parsed.GetValue(time)));
            return await SignAsync(shared, parsed, silo, (view, team, request), (why, until), parsed.GetValue(yes), cancellation);
        }, cancellation));
        return command;
    }

    private static async Task<int> SignAsync(
        SharedOptions shared, ParseResult parsed, ISilo silo, (DeploymentView View, string Team, ApprovalRequest Request) about,
        (string Reason, DateTimeOffset Until) terms, bool yes, CancellationToken cancellation)
    {
        var (terminal, folder, now) = (shared.Terminal(parsed), shared.Folder(parsed), shared.Setting.Time.GetUtcNow());
        terminal.Write(ApprovalPage.Of(about.Request, now));
        terminal.Write([Line.Empty, .. Cautions.Of(about.View)]);
        var person = shared.Setting.Signer.Person(folder);
        terminal.Say(string.Create(
            CultureInfo.InvariantCulture, $"Reviewers are NOT asked, and a hold is passed, until {terms.Until.UtcDateTime:HH:mm:ss} UTC. Everybody sees it."));
        if (!await shared.ConfirmAsync($"Break the glass as {Shown.Text(person)}?", yes, cancellation))
        {
            throw new SentenceException("The glass is whole.", ExitCode.Refused);
        }
        var word = GlassBreak.Of(about.Request, terms.Reason, terms.Until, person, now, now + Validity);
        var missing = await silo.Grain<IGatewayGrain>(OpenVerb.GatewayKey).BreakGlassAsync(about.Team, shared.Setting.Signer.Sign(folder, word));
        terminal.Say(missing is null ? "The glass is broken. Custody checks everything else as always." : $"Signed. Still missing: {missing}");
        return ExitCode.Done;
    }

    private static (string Reason, DateTimeOffset Until) Asked(ApprovalRequest request) => request.Glass is { } glass
        ? (glass.Reason, glass.Until)
        : throw new SentenceException(
            $"Nobody asks to break the glass for {request.Deployment}. Begin with: maestro break-glass {request.Deployment} --reason TEXT", ExitCode.NotFound);

    private static string Given(string? reason) => string.IsNullOrWhiteSpace(reason)
        ? throw new SentenceException("Breaking the glass needs a reason: --reason TEXT", ExitCode.Usage)
        : new Outside.UntrustedText(reason.Trim()).Shown(GlassCheck.LongestReason);

    private static Option<int> Time() => new("--for")
    {
        Description = "How long it can be used, at most 1h. Default: 30m.",
        HelpName = "TIME",
        DefaultValueFactory = _ => 30,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            var factor = text.EndsWith('h') ? 60 : 1;
            if (int.TryParse(text.TrimEnd('m', 'h'), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number > 0 && number * factor <= GlassCheck.Longest.TotalMinutes)
            {
                return number * factor;
            }
            result.AddError($"--for takes a time of at most 1h, such as 30m, not '{text}'.");
            return 30;
        },
    };
}
