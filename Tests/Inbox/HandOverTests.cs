using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Inbox;

/// <summary>What a silo does with deliveries that are in its inbox.</summary>
public sealed class HandOverTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    private const string Actor = "webhook:generic";

    private IInbox Inbox => silo.Services.GetRequiredService<IInbox>();

    [Fact]
    public async Task Opened_updated_and_closed_each_do_what_they_say_in_the_name_of_their_source()
    {
        var (head, into) = silo.Push();
        var id = (await HandedAsync("opened", head, into)).Deployment!.Value;
        Assert.Equal(Actor, Assert.Single((await silo.LogAsync(id)).OfType<LogEntry.AttemptOpened>()).Actor);

        silo.Repository.Commit(head, silo.Repository.Tip(into), ("maestro.yaml", MessageSilo.Manifest), ("readme.md", "again\n"));
        Assert.Equal(id, (await HandedAsync("updated", head, into)).Deployment);
        Assert.Equal(2, (await silo.LogAsync(id)).OfType<LogEntry.AttemptOpened>().Count());

        Assert.Equal(id, (await HandedAsync("closed", head, into)).Deployment);
        await Eventually.IsTrueAsync(async () => (await silo.LogAsync(id)).OfType<LogEntry.Closed>().Any(closed => closed.Attempt == 2));
        var log = await silo.LogAsync(id);
        Assert.Contains(log, entry => entry is LogEntry.CancelRequested { Attempt: 2, Actor: Actor, Code: Codes.ChangeClosed });
        Assert.Contains(log, entry => entry is LogEntry.Closed { Attempt: 2, Outcome: Outcome.Aborted, Code: Codes.ChangeClosed });
        Assert.Contains(await silo.LedgerAsync(id), fact => fact.Actor == Actor || fact.OnBehalfOf == Actor);

        Assert.Null((await HandedAsync("closed", head, into)).Deployment);
        Assert.NotEqual(id, (await HandedAsync("opened", head, into)).Deployment);
    }

    [Fact]
    public async Task What_can_never_be_handed_over_is_refused_with_its_reason_and_holds_up_nothing()
    {
        var (head, into) = silo.Push();
        var first = await DeliverAsync("opened", "nothing-there", into, application: "nobodys");
        var second = await DeliverAsync("opened", "nothing-there", into);
        var third = await DeliverAsync("updated", head, into);
        var fourth = await DeliverAsync("opened", head, into);
        Assert.Equal("handed", (await SettledAsync(fourth)).State);
        Assert.Contains("application.unknown", (await SettledAsync(first)).Reason, StringComparison.Ordinal);
        Assert.Contains("git.no-head", (await SettledAsync(second)).Reason, StringComparison.Ordinal);
        Assert.Contains("webhook.not-open", (await SettledAsync(third)).Reason, StringComparison.Ordinal);
        var ledger = await silo.Services.GetRequiredService<ILedgerStore>().ReadAsync(0, 100_000, TestContext.Current.CancellationToken);
        Assert.Contains(ledger, entry => entry.Fact.Kind == "webhook.refused" && entry.Fact.Subject == Actor
            && entry.Fact.Body.Contains("webhook.not-open", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", deployment = NULL")]
    public async Task What_was_handed_over_right_before_a_crash_is_handed_over_again_and_opens_nothing_again(string lost)
    {
        var (head, into) = silo.Push();
        var delivery = await DeliverAsync("opened", head, into);
        var id = (await SettledAsync(delivery)).Deployment!.Value;
        await ForgetAsync(delivery, lost);
        Assert.Equal(id, (await SettledAsync(delivery)).Deployment);
        Assert.Single((await silo.LogAsync(id)).OfType<LogEntry.AttemptOpened>());
    }

    [Fact]
    public async Task A_close_that_is_handed_over_again_late_closes_the_one_it_was_for_and_without_that_note_another()
    {
        var (head, into) = silo.Push();
        var first = (await HandedAsync("opened", head, into)).Deployment!.Value;
        var close = await DeliverAsync("closed", head, into);
        await SettledAsync(close);
        var second = (await HandedAsync("opened", head, into)).Deployment!.Value;
        Assert.NotEqual(first, second);

        await ForgetAsync(close, "");
        await SettledAsync(close);
        Assert.DoesNotContain(await silo.LogAsync(second), entry => entry is LogEntry.CancelRequested);

        await ForgetAsync(close, ", deployment = NULL");
        await SettledAsync(close);
        Assert.Contains(await silo.LogAsync(second), entry => entry is LogEntry.CancelRequested);
    }

    [Fact]
    public async Task While_the_repository_cannot_be_read_a_delivery_waits_and_others_do_not()
    {
        var (head, into) = silo.Push();
        var away = $"{silo.Repository.Path}-away";
        Directory.Move(silo.Repository.Path, away);
        var waiting = await DeliverAsync("opened", head, into);
        var behind = await DeliverAsync("closed", head, into);
        try
        {
            // The second of these is refused in a round after one that had the first delivery in it.
            await SettledAsync(await DeliverAsync("opened", "any", into, application: "nobodys"));
            await SettledAsync(await DeliverAsync("opened", "any", into, application: "nobodys"));
            Assert.Equal("waiting", (await RowAsync(waiting)).State);
        }
        finally
        {
            Directory.Move(away, silo.Repository.Path);
        }
        var opened = await SettledAsync(waiting);
        Assert.Equal(("handed", opened.Deployment), ((await SettledAsync(behind)).State, (await RowAsync(behind)).Deployment));
    }

    [Fact]
    public async Task A_source_stands_behind_calls_and_can_make_none()
    {
        Assert.True(Principal.IsOne(Actor));
        Assert.False(Principal.IsOne("webhook:Not A Source"));
        Assert.Null(Principal.RoleOf(Actor));
        Assert.False(Principal.IsPersonId(Actor));
        using var scope = CallerScope.As(Role.Gateway, new Caller(Actor, [Role.Admin, Role.Sre], [], null));
        var grain = silo.Grains.GetGrain<IDeploymentGrain>("pr/local/acme/shop/1");
        Assert.Equal("call.refused", (await Refused.ByAsync(() => grain.CommandAsync(Command.Abort, null)))?.Reason.Code);
    }

    private async Task<Row> HandedAsync(string action, string head, string into)
    {
        var row = await SettledAsync(await DeliverAsync(action, head, into));
        Assert.Equal(("handed", null), (row.State, row.Reason));
        return row;
    }

    private async Task<string> DeliverAsync(string action, string head, string into, string application = "shop")
    {
        var id = Nonce.Fresh();
        Assert.Equal(Kept.Now, await Inbox.KeepAsync(Deliveries.Of(id, action, application, head, into: into, at: TimeProvider.System.GetUtcNow())));
        silo.Services.GetRequiredService<InboxBell>().Ring();
        return id;
    }

    private async Task<Row> SettledAsync(string delivery)
    {
        await Eventually.IsTrueAsync(async () => (await RowAsync(delivery)).State != "waiting");
        return await RowAsync(delivery);
    }

    private async Task<Row> RowAsync(string delivery) => (await silo.Services.GetRequiredService<SqliteSource>().RunAsync(
        connection => connection.Select(
            "SELECT state, deployment, reason FROM inbox WHERE delivery = $delivery",
            row => new Row(row.GetString(0), row.Text(1) is { } id ? DeploymentId.Parse(id) : null, row.Text(2)), ("$delivery", delivery)),
        TestContext.Current.CancellationToken))[0];

    // As if the silo had died before it wrote down that it was done.
    private Task<int> ForgetAsync(string delivery, string more) => silo.Services.GetRequiredService<SqliteSource>().RunAsync(
        connection => connection.Execute(
            $"UPDATE inbox SET state = 'waiting', settled_at = NULL, reason = NULL{more} WHERE delivery = $delivery", ("$delivery", delivery)),
        TestContext.Current.CancellationToken);

    private sealed record Row(string State, DeploymentId? Deployment, string? Reason);
}
