using Maestro.Approvals;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Screen;

namespace Maestro.Custody;

/// <summary>Staging past reviewers. What it declares stays there and later plans would delete it, so it has a silo of its own.</summary>
public sealed class StagingGlassTests(CustodySilo custody) : IClassFixture<CustodySilo>
{
    private const string First = GlassDelivery.First;
    private const string Second = GlassDelivery.Second;

    private readonly GlassDelivery _delivery = new(custody);

    [Fact]
    public async Task Staging_too_is_planned_past_reviewers_by_two_people_and_told_of_once()
    {
        await custody.Silo.EnrolAsync(First, [Role.Viewer, Role.Sre]);
        await custody.Silo.EnrolAsync(Second, [Role.Viewer, Role.Security]);
        var (id, question) = await _delivery.AskedAsync(
            Stage.StagingPlanReview, ("readme.md", "staging\n"), Delivery.ReleasedDelivery.Declared($"glass/{Nonce.Fresh()}.txt"));
        var terms = GlassDelivery.Terms(question, TimeSpan.FromMinutes(30));
        await _delivery.SignAsync(First, terms);
        Assert.Null(await _delivery.SignAsync(Second, terms));

        // The release is another question, and its reviewers are asked.
        ApprovalRequest? release = null;
        await Eventually.IsTrueAsync(async () => (release = await _delivery.QuestionAsync(id)) is { Stage: Stage.Approval });
        Assert.Null(release!.Glass);
        await _delivery.DecideAsync(release);

        var view = await _delivery.ClosedAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, Delivery.TestDelivery.Describe(view));
        Assert.Equal(["break-glass.opened", "break-glass.seconded", "break-glass.used"], await _delivery.ToldAsync(id));
        var used = (await custody.Silo.LedgerAsync(id)).Single(fact => fact.Kind == "break-glass.used");
        Assert.Equal(
            ("env/shop/staging", $"{First}, {Second}"), (BundledLedger.TextIn(used, "environment"), BundledLedger.TextIn(used, "glass")));
        Assert.EndsWith("at StagingPlanReview", BrokenGlass.Of(view), StringComparison.Ordinal);
    }
}
