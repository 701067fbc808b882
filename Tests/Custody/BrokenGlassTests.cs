using Maestro.Approvals;
using Maestro.Commands;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Screen;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Custody;

/// <summary>Whole releases whose reviewers were passed by two people: what that opens, what it does not open, and who hears of it.</summary>
public sealed class BrokenGlassTests(CustodySilo custody) : IClassFixture<CustodySilo>, IAsyncLifetime
{
    private const string First = GlassDelivery.First;
    private const string Second = GlassDelivery.Second;

    private readonly GlassDelivery _delivery = new(custody);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await custody.Silo.EnrolAsync(First, [Role.Viewer, Role.Sre]);
        await custody.Silo.EnrolAsync(Second, [Role.Viewer, Role.Security]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Two_people_pass_missing_reviewers_and_a_hold_and_everybody_sees_it()
    {
        await _delivery.HoldAsync();
        // An approval alone does not pass the hold.
        var (_, held) = await custody.DeliverAsync(_delivery.Push(("readme.md", "approved\n")));
        Assert.Equal((Outcome.Refused, "environment.held"), (held.Outcome, held.Code));

        var (id, question) = await _delivery.AskedAsync(("readme.md", "in a hurry\n"));
        var terms = GlassDelivery.Terms(question, TimeSpan.FromMinutes(30));
        Assert.Contains("a second person must sign", await _delivery.SignAsync(First, terms), StringComparison.Ordinal);
        Assert.Equal("glass.one-person", (await Refused.ByAsync(() => _delivery.SignAsync(First, terms)))?.Reason.Code);
        await Eventually.IsTrueAsync(async () => (await _delivery.ViewAsync(id)).Waits.Any(wait =>
            wait.For.Contains($"{First} asks to BREAK THE GLASS", StringComparison.Ordinal)));
        Assert.Equal(["break-glass.opened"], await _delivery.ToldAsync(id));
        Assert.Null((await _delivery.ViewAsync(id)).Outcome);

        Assert.Null(await _delivery.SignAsync(Second, terms));

        var view = await _delivery.ClosedAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, Delivery.TestDelivery.Describe(view));
        Assert.Equal($"{id}/a1/Promote", (await custody.Edge.ReadAsync(custody.Production, Cancellation)).Effect);
        Assert.Equal(["break-glass.opened", "break-glass.seconded", "break-glass.used"], await _delivery.ToldAsync(id));
        Assert.Equal($"GLASS BROKEN by {First} and {Second}: reviewers were NOT asked, at Approval", BrokenGlass.Of(view));
        await IsInCustodysWordsAsync(id);
        await IsInTheExportAsync(id);
        await _delivery.LiftAsync();
    }

    [Fact]
    public async Task What_nobody_seconds_expires_and_the_release_stays_until_reviewers_answer()
    {
        var (id, question) = await _delivery.AskedAsync(("readme.md", "alone\n"));
        Assert.NotNull(await _delivery.SignAsync(First, GlassDelivery.Terms(question, TimeSpan.FromSeconds(1))));
        await Eventually.IsTrueAsync(async () => (await _delivery.ToldAsync(id)).Contains("break-glass.expired"));
        await Eventually.IsTrueAsync(async () => await _delivery.QuestionAsync(id) is { Glass: null });
        Assert.Null((await _delivery.ViewAsync(id)).Outcome);

        // Asked for again, and then reviewers can be had after all: the ledger says how that one ended too.
        Assert.NotNull(await _delivery.SignAsync(First, GlassDelivery.Terms(question, TimeSpan.FromMinutes(10))));
        await _delivery.DecideAsync(question);

        var view = await _delivery.ClosedAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, Delivery.TestDelivery.Describe(view));
        Assert.Equal(["break-glass.opened", "break-glass.expired", "break-glass.opened", "break-glass.expired"], await _delivery.ToldAsync(id));
        Assert.Null(BrokenGlass.Of(view));
    }

    [Fact]
    public async Task What_the_rules_refuse_does_not_get_through_broken_glass()
    {
        var (id, question) = await _delivery.AskedAsync(ChainTests.BackDoor);
        var terms = GlassDelivery.Terms(question, TimeSpan.FromMinutes(30));
        await _delivery.SignAsync(First, terms);
        Assert.Null(await _delivery.SignAsync(Second, terms));

        var view = await _delivery.ClosedAsync(id);

        Assert.Equal((Outcome.Refused, "custody.finding"), (view.Outcome, view.Code));
        Assert.NotEqual($"{id}/a1/Promote", (await custody.Edge.ReadAsync(custody.Production, Cancellation)).Effect);
        // It was broken for nothing, so it was not used; nobody may overlook that it was broken.
        Assert.Equal(["break-glass.opened", "break-glass.seconded"], await _delivery.ToldAsync(id));
        Assert.NotNull(BrokenGlass.Of(view));
    }

    [Fact]
    public async Task The_desk_believes_nobody_who_carries_a_word_but_the_gateway()
    {
        var (id, question) = await _delivery.AskedAsync(("readme.md", "forged\n"));
        var (desk, keyring) = (custody.Silo.Grains.GetGrain<IApprovalDeskGrain>(_delivery.DeskKey), custody.Silo.Keyring);
        var decision = Delivery.TestDelivery.Answer(question, approved: true, CustodySilo.Reviewer);
        using var key = custody.Silo.KeyOf(CustodySilo.Reviewer);
        var bare = PersonSigner.Sign(key, decision);
        var invented = Statements.Sign(
            keyring, Role.Control, Countersigned.PredicateType, [Subject.Of("x", Digest.Of("x"u8))],
            new Countersigned(bare, decision.Person, decision.Person, decision.IssuedAt));
        var word = GlassDelivery.Word(First, GlassDelivery.Terms(question, TimeSpan.FromMinutes(30)));
        using var first = custody.Silo.KeyOf(First);
        using (CallerScope.As(Role.Gateway))
        {
            foreach (var forged in new[] { bare, invented })
            {
                Assert.Equal(MessageRefusal.SignatureCode, (await Refused.ByAsync(() => desk.DecideAsync(forged)))?.Reason.Code);
            }
            Assert.Equal(
                MessageRefusal.SignatureCode, (await Refused.ByAsync(() => desk.BreakGlassAsync(PersonSigner.Sign(first, word))))?.Reason.Code);
            Assert.Empty((await _delivery.QuestionAsync(id))!.Given);
            // With the gateway's key the same decision counts.
            Assert.Null(await desk.DecideAsync(Countersign.Of(keyring, bare, decision)));
        }
        Assert.Equal(Outcome.Finished, (await _delivery.ClosedAsync(id)).Outcome);
    }

    private async Task IsInCustodysWordsAsync(DeploymentId id)
    {
        var (facts, evidence) = (await custody.Silo.LedgerAsync(id), custody.Silo.Services.GetRequiredService<EvidenceFile>());
        var leased = facts.Where(fact => fact.Kind == "custody.leased").ToList();
        Assert.Equal(2, leased.Count);
        foreach (var fact in leased)
        {
            var summary = await evidence.ReadAsync<VerificationSummary>(
                id, Digest.Parse(BundledLedger.TextIn(fact, "summary")!), Role.Custody, VerificationSummary.PredicateType, Cancellation);
            Assert.Equal($"MAESTRO_LAST_CHECK_1 {VerificationSummary.GlassBroken}", string.Join(' ', summary.VerifiedLevels));
            Assert.StartsWith(
                $"BROKEN by {First} and {Second}", Assert.Single(summary.Checks, check => check.Name == "glass").Expected, StringComparison.Ordinal);
            Assert.EndsWith(
                "passed, because the glass is broken", Assert.Single(summary.Checks, check => check.Name == "hold").Expected, StringComparison.Ordinal);
        }
        Assert.Equal($"{First}, {Second}", BundledLedger.TextIn(facts.Single(fact => fact.Kind == "break-glass.used"), "glass"));
    }

    private async Task IsInTheExportAsync(DeploymentId id)
    {
        await using var viewer = await custody.Silo.ConnectAsync(CustodySilo.Reviewer);
        var bundle = AuditBundle.Read(System.Text.Encoding.UTF8.GetBytes(await viewer.Grain<IBundleGrain>($"bundle/{id}").ExportAsync(null)));
        var checks = await BundleFile.CheckAsync(bundle, custody.Silo.Root, TimeProvider.System, Cancellation);
        Assert.All(checks, check => Assert.True(check.Result != CheckResult.Differs, $"{check.Name}: {check.Difference}"));
        Assert.StartsWith($"BROKEN by {First} and {Second}", Assert.Single(checks, check => check.Name == "glass").Found, StringComparison.Ordinal);
    }
}
