using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Messages;

/// <summary>Messages and calls that are properly signed, by keys that count no more.</summary>
public sealed class RevokedKeyTests
{
    [Fact]
    public async Task An_answer_by_a_revoked_key_moves_nothing_and_before_the_revocation_it_would()
    {
        await using var silo = new MessageSilo();
        await silo.InitializeAsync();
        silo.Reviewer.Hangs = true;
        var (first, second) = (await silo.OpenAsync(), await silo.OpenAsync());
        var (before, captured) = (Review(silo, first), Review(silo, second));
        await silo.PublishAsync(Channels.Answers, first, before);
        await UntilReviewedAsync(silo, first);

        var revoked = await RevokeAsync(silo, Role.Review);
        await silo.PublishAsync(Channels.Answers, second, captured);
        await silo.UntilRefusedAsync(second, Reception.Dropped, MessageRefusal.SignatureCode);
        Assert.DoesNotContain(await silo.LogAsync(second), IsReviewed);
        await Eventually.IsTrueAsync(async () => (await silo.SubjectAsync("")).Any(
            fact => fact.Kind == "keys.registry" && fact.Body.Contains(revoked, StringComparison.Ordinal)));

        // The control taken away: the very same message counts.
        silo.Controls.Believes = true;
        await silo.PublishAsync(Channels.Answers, second, captured);
        await UntilReviewedAsync(silo, second);
    }

    [Fact]
    public async Task An_order_by_a_revoked_key_runs_nothing_and_before_the_revocation_it_would()
    {
        await using var silo = new MessageSilo();
        await silo.InitializeAsync();
        var (first, before) = await OrderAsync(silo);
        var (second, captured) = await OrderAsync(silo);
        await silo.PublishAsync(Channels.ReviewOrders, first, before);
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Reviewer.Calls == 1));

        await RevokeAsync(silo, Role.Control);
        await silo.PublishAsync(Channels.ReviewOrders, second, captured);
        await silo.UntilRefusedAsync(second, Reception.Dropped, MessageRefusal.SignatureCode);
        Assert.Equal(1, silo.Reviewer.Calls);
        Assert.NotEqual(0, silo.Log.Count(second.ToString(), $"dropped an order: {MessageRefusal.SignatureCode}"));

        silo.Controls.Believes = true;
        await silo.PublishAsync(Channels.ReviewOrders, second, captured);
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Reviewer.Calls == 2));
    }

    [Fact]
    public async Task A_person_whose_key_was_replaced_calls_nothing_with_the_old_one()
    {
        await using var silo = new MessageSilo();
        await silo.InitializeAsync();
        await silo.EnrolAsync("ann", [Role.Viewer]);
        await using var old = await silo.ConnectAsync("ann");
        Assert.NotEmpty(await old.Grain<ILedgerGrain>("ledger/main").TailAsync(1));

        await silo.ReplaceKeyAsync("ann");
        await Eventually.IsTrueAsync(async () => await Refused.ByAsync(() => old.Grain<ILedgerGrain>("ledger/main").TailAsync(1)) is not null);
        var refused = await Refused.ByAsync(() => old.Grain<ILedgerGrain>("ledger/main").TailAsync(2));
        Assert.StartsWith("call.", refused?.Reason.Code, StringComparison.Ordinal);
        await Eventually.IsTrueAsync(async () => (await silo.SubjectAsync("maestro.ILedgerGrain/TailAsync")).Any(fact => fact.Kind == "call.refused"));
        Assert.NotEqual(0, silo.Log.Count("Refused a call", "TailAsync"));

        // What is refused is the key and not the person.
        await using var renewed = await silo.ConnectAsync("ann");
        Assert.NotEmpty(await renewed.Grain<ILedgerGrain>("ledger/main").TailAsync(1));
    }

    private static async Task<string> RevokeAsync(MessageSilo silo, Role role)
    {
        var registrar = new Registrar(silo.Keys, TimeProvider.System);
        var old = Assert.Single(silo.Keyring.KeysOf(role));
        registrar.Rotate(role);
        registrar.Revoke(old.Id, DateTimeOffset.MinValue);
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Keyring.KeysOf(role).Any(key => key.Id == old.Id && key.RevokedSince is not null)));
        return old.Id;
    }

    private static Task UntilReviewedAsync(MessageSilo silo, DeploymentId id) =>
        Eventually.IsTrueAsync(async () => (await silo.LogAsync(id)).Any(IsReviewed));

    private static bool IsReviewed(LogEntry entry) => entry is LogEntry.Proved { Stage: Stage.Review };

    private static Envelope Review(MessageSilo silo, DeploymentId id) => Forgery.Signed(
        silo.Keyring, Role.Review, PredicateTypes.AgentAnswer, AgentAnswer.Proved(
            Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System), new ChangeReviewed(Verdict.Approve, "a thief", false, 1, [])));

    private static async Task<(DeploymentId Id, Envelope Order)> OrderAsync(MessageSilo silo)
    {
        var change = await silo.PullAsync();
        var id = change.Deployment();
        var opened = new OpenedAttempt(id, 1, Plan.Versions[^1].Version, change);
        var digest = await silo.Services.GetRequiredService<EvidenceFile>().PutAsync(opened, TestContext.Current.CancellationToken);
        var order = new WorkOrder(Binding.Of(id, 1, Stage.Review, 1, Role.Review, TimeProvider.System), OrderKind.Ask,
            ImmutableDictionary<string, Digest>.Empty, digest);
        return (id, Forgery.Signed(silo.Keyring, Role.Control, PredicateTypes.WorkOrder, order));
    }
}
