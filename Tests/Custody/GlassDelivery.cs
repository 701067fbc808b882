using Maestro.Approvals;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Custody;

/// <summary>Takes releases to the question that two people may break the glass for, and signs for them.</summary>
internal sealed class GlassDelivery(CustodySilo custody)
{
    /// <summary>Answers for production.</summary>
    public const string First = "sam";

    /// <summary>May be the second only.</summary>
    public const string Second = "sue";

    public string DeskKey => $"desk/{custody.Silo.Repository.Application.Team}";

    /// <summary>What the ledger was told of glass for this deployment.</summary>
    public async Task<string[]> ToldAsync(DeploymentId id) =>
        [.. (await custody.Silo.LedgerAsync(id)).Select(fact => fact.Kind).Where(kind => kind.StartsWith("break-glass.", StringComparison.Ordinal))];

    /// <summary>A deployment whose run was allowed, and the question that it waits for.</summary>
    public Task<(DeploymentId Id, ApprovalRequest Question)> AskedAsync(params (string Path, string Content)[] files) =>
        AskedAsync(Stage.Approval, files);

    public async Task<(DeploymentId Id, ApprovalRequest Question)> AskedAsync(Stage stage, params (string Path, string Content)[] files)
    {
        var (head, into) = Push(files);
        var id = DeploymentId.Parse(await custody.Silo.Owner.Grain<IGatewayGrain>("gateway/local").OpenAsync("shop", head, into));
        ApprovalRequest? question = null;
        await Eventually.IsTrueAsync(async () =>
        {
            question = await QuestionAsync(id);
            if (question is not null && question.Stage != stage)
            {
                await DecideAsync(question);
            }
            var view = await ViewAsync(id);
            Assert.True(view.Outcome is null, Delivery.TestDelivery.Describe(view));
            return question?.Stage == stage;
        });
        return (id, question!);
    }

    /// <summary>Two branches of their own: one with this change, and the one it goes to.</summary>
    public (string Head, string Base) Push(params (string Path, string Content)[] files)
    {
        var (name, manifest) = (Nonce.Fresh().ToLowerInvariant(), MessageSilo.Manifest.Replace("window: 2s", "window: 1s", StringComparison.Ordinal));
        var begin = custody.Silo.Repository.Commit($"base-{name}", null, ("maestro.yaml", manifest), ("readme.md", "one\n"));
        custody.Silo.Repository.Commit($"change-{name}", begin, [("maestro.yaml", manifest), .. files]);
        return ($"change-{name}", $"base-{name}");
    }

    public async Task<ApprovalRequest?> QuestionAsync(DeploymentId id)
    {
        using var scope = CallerScope.As(Role.Gateway);
        return (await custody.Silo.Grains.GetGrain<IApprovalDeskGrain>(DeskKey).ListAsync()).FirstOrDefault(asked => asked.Deployment == id.ToString());
    }

    public async Task<DeploymentView> ViewAsync(DeploymentId id) => (await custody.Silo.Owner.Grain<IDeploymentGrain>(id.ToString()).GetAsync())!;

    public async Task<DeploymentView> ClosedAsync(DeploymentId id)
    {
        DeploymentView? view = null;
        await Eventually.IsTrueAsync(async () => (view = await ViewAsync(id)).Outcome is not null);
        return view!;
    }

    public async Task DecideAsync(ApprovalRequest request)
    {
        await using var reviewer = await custody.Silo.ConnectAsync(CustodySilo.Reviewer);
        using var key = custody.Silo.KeyOf(CustodySilo.Reviewer);
        await reviewer.Grain<IGatewayGrain>("gateway/local").DecideAsync(
            custody.Silo.Repository.Application.Team,
            PersonSigner.Sign(key, Delivery.TestDelivery.Answer(request, approved: true, CustodySilo.Reviewer)));
    }

    public static GlassBreak Terms(ApprovalRequest question, TimeSpan time)
    {
        var now = TimeProvider.System.GetUtcNow();
        return GlassBreak.Of(question, "production is down", now + time, First, now, now.AddMinutes(10));
    }

    public static GlassBreak Word(string person, GlassBreak terms) => terms with { Person = person };

    public async Task<string?> SignAsync(string person, GlassBreak terms)
    {
        await using var silo = await custody.Silo.ConnectAsync(person);
        using var key = custody.Silo.KeyOf(person);
        return await silo.Grain<IGatewayGrain>("gateway/local").BreakGlassAsync(
            custody.Silo.Repository.Application.Team, PersonSigner.Sign(key, Word(person, terms)));
    }

    public async Task HoldAsync()
    {
        using var scope = CallerScope.As(Role.Deployment);
        var grant = await custody.ProductionGrain.AcquireAsync("pr/local/acme/shop/7777/a1");
        await custody.ProductionGrain.RestoreAsync(grant.Token, "pr/local/acme/shop/7777/a1/Promote", null, served: false, "it was rolled back");
        await custody.ProductionGrain.ReleaseAsync("pr/local/acme/shop/7777/a1");
    }

    public async Task LiftAsync()
    {
        await using var operators = await custody.Silo.ConnectAsync(First);
        await operators.Grain<IEnvironmentGrain>(custody.Production.ToString()).ReleaseHoldAsync("looked at it");
    }
}
