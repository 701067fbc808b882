using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Anomalies;

/// <summary>The watch of a real silo: what it tells, whom it cuts off from whom, and who may lift that.</summary>
public sealed class SendersTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    private const string Review = "role:review";

    private static readonly Tally Flood = Tallies.Nothing("role:control") with { OverLimit = true, Messages = 100_000 };

    [Fact]
    public async Task An_agent_that_answers_what_it_was_never_asked_is_not_heard_until_a_person_lifts_it()
    {
        silo.Reviewer.Hangs = true;
        var id = await silo.OpenAsync();
        for (var number = 0; number < new SenderBounds().FailuresLimit; number++)
        {
            await silo.PublishAsync(Channels.Answers, id, Answer(Bind(id) with { Try = 2 }));
        }
        await UntilToldAsync("anomaly.cut-off", Review);
        await UntilToldAsync(AnomalyCodes.OrderLimit, Review);
        await AssertNotHeardAsync(id);
        await silo.RestartAsync();
        await AssertNotHeardAsync(id);

        await silo.EnrolAsync("vera", [Role.Viewer, Role.Sre]);
        await using var vera = await silo.ConnectAsync("vera");
        var refusal = await Identity.Refused.ByAsync(() => vera.Grain<ISendersGrain>(SenderWatch.Key).LiftAsync("review", "please"));
        Assert.Equal("call.refused", refusal?.Reason.Code);
        var view = Assert.Single(await vera.Grain<ISendersGrain>(SenderWatch.Key).ListAsync(), one => one.CutSince is not null);
        Assert.Equal((Review, "role:control", AnomalyCodes.OrderLimit), (view.Sender, view.Receiver, view.Why));

        Assert.Equal(1, await silo.Owner.Grain<ISendersGrain>(SenderWatch.Key).LiftAsync("review", "it was a drill"));
        var lifted = await UntilToldAsync("anomaly.lifted", Review);
        Assert.Equal("owner", lifted.OnBehalfOf);
        Assert.DoesNotContain("drill", lifted.Body, StringComparison.Ordinal);
        await Eventually.IsTrueAsync(async () =>
        {
            await silo.PublishAsync(Channels.Answers, id, Answer(Bind(id)));
            return (await silo.LogAsync(id)).Any(entry => entry is LogEntry.Proved { Stage: Stage.Review });
        });
    }

    [Fact]
    public async Task A_role_cuts_a_sender_off_from_itself_only()
    {
        Assert.Equal(["role:control"], await ReportAsync(Role.Deployment, Flood));
        Assert.Empty(await ReportAsync(Role.Infrastructure));
        await silo.Owner.Grain<ISendersGrain>(SenderWatch.Key).LiftAsync("role:control", "a test");
        Assert.Empty(await ReportAsync(Role.Deployment));
    }

    [Fact]
    public async Task What_did_not_verify_is_told_once_an_hour_and_cuts_nobody_off()
    {
        var forged = Tallies.Nothing(Tally.Unverified) with { Failed = 500, OverLimit = true };
        for (var report = 0; report < 30; report++)
        {
            Assert.Empty(await ReportAsync(Role.Infrastructure, forged));
        }
        await UntilToldAsync(AnomalyCodes.FailedLimit, Tally.Unverified);
        // Two where the hour turned meanwhile.
        Assert.InRange((await FactsAsync()).Count(fact => fact.Kind == AnomalyCodes.FailedLimit && fact.Body.Contains("role:infrastructure",
            StringComparison.Ordinal)), 1, 2);
    }

    [Fact]
    public async Task A_report_of_something_else_is_refused_and_a_person_reports_nothing()
    {
        var report = await Identity.Refused.ByAsync(() => ReportAsync(Role.Build, Flood with { Sender = "somebody" }));
        Assert.Equal("senders.report", report?.Reason.Code);
        Assert.Equal("senders.report", (await Identity.Refused.ByAsync(() => ReportAsync(Role.Build, [.. Enumerable.Repeat(Flood, 100)])))?.Reason.Code);
        Assert.Equal("call.refused",
            (await Identity.Refused.ByAsync(() => silo.Owner.Grain<ISendersGrain>(SenderWatch.Key).ReportAsync([Flood])))?.Reason.Code);
        Assert.Equal("senders.unknown",
            (await Identity.Refused.ByAsync(() => silo.Owner.Grain<ISendersGrain>(SenderWatch.Key).LiftAsync("nobody", "a test")))?.Reason.Code);
    }

    private async Task AssertNotHeardAsync(DeploymentId id)
    {
        var before = (await silo.LedgerAsync(id)).Count(IsNotHeard);
        await silo.PublishAsync(Channels.Answers, id, Answer(Bind(id)));
        await Eventually.IsTrueAsync(async () => (await silo.LedgerAsync(id)).Count(IsNotHeard) > before);
        Assert.DoesNotContain(await silo.LogAsync(id), entry => entry is LogEntry.Proved { Stage: Stage.Review });
    }

    private static bool IsNotHeard(LedgerFact fact) => fact.Body.Contains(MessageRefusal.CutOffCode, StringComparison.Ordinal);

    private async Task<LedgerFact> UntilToldAsync(string kind, string subject)
    {
        LedgerFact? found = null;
        await Eventually.IsTrueAsync(async () =>
        {
            found = (await FactsAsync()).FirstOrDefault(fact => fact.Kind == kind && fact.Subject == subject);
            return found is not null;
        });
        return found!;
    }

    private async Task<ImmutableArray<LedgerFact>> FactsAsync() =>
        [.. (await silo.Services.GetRequiredService<ILedgerStore>().ReadAsync(0, 100_000, TestContext.Current.CancellationToken)).Select(entry => entry.Fact)];

    private async Task<ImmutableArray<string>> ReportAsync(Role receiver, params ImmutableArray<Tally> tallies)
    {
        using var scope = CallerScope.As(receiver);
        return await silo.Grains.GetGrain<ISendersGrain>(SenderWatch.Key).ReportAsync(tallies);
    }

    private Envelope Answer(Binding binding) => Forgery.Signed(silo.Keyring, Role.Review, PredicateTypes.AgentAnswer,
        AgentAnswer.Proved(binding, new ChangeReviewed(Verdict.Approve, "an agent", false, 1, [])));

    private static Binding Bind(DeploymentId id) => Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System);
}
