using System.Collections.Immutable;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Inbox;

/// <summary>What an inbox promises, whichever database it is in.</summary>
public abstract class InboxContract : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private protected TestDatabase Rows => _database;

    private protected IInbox Inbox { get; private set; } = null!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repeated_delivery_is_kept_once_and_another_body_under_its_id_is_not_kept()
    {
        Assert.Equal(Kept.Now, await Inbox.KeepAsync(Deliveries.Of("a")));
        Assert.Equal(Kept.Before, await Inbox.KeepAsync(Deliveries.Of("a")));
        Assert.Equal(Kept.Other, await Inbox.KeepAsync(Deliveries.Of("a", action: "closed")));
        Assert.Equal(Kept.Now, await Inbox.KeepAsync(Deliveries.Of("a", action: "closed", source: "other")));
        Assert.Equal([("generic", PullRequestAction.Opened), ("other", PullRequestAction.Closed)],
            (await WaitingAsync()).Select(waiting => (waiting.Source, waiting.Event.Action)));
    }

    [Fact]
    public async Task Deliveries_with_one_id_that_come_at_once_are_one()
    {
        var kept = await Task.WhenAll(Enumerable.Range(0, 64).Select(number =>
            Task.Run(() => Inbox.KeepAsync(Deliveries.Of($"id-{number % 4}", padding: number < 32 ? "one" : "other")))));
        Assert.Equal(4, kept.Count(answer => answer == Kept.Now));
        Assert.Equal(28, kept.Count(answer => answer == Kept.Before));
        Assert.Equal(32, kept.Count(answer => answer == Kept.Other));
        Assert.Equal(4, (await WaitingAsync()).Length);
    }

    [Fact]
    public async Task A_thousand_that_come_at_once_from_two_silos_are_all_kept_once()
    {
        var second = _database.OpenInbox();
        var kept = await Task.WhenAll(Enumerable.Range(0, 1000).SelectMany(number => new[] { Inbox, second }.Select(inbox =>
            Task.Run(() => inbox.KeepAsync(Deliveries.Of($"id-{number}", padding: new string('x', 4000)))))));
        Assert.Equal((1000, 1000), (kept.Count(answer => answer == Kept.Now), kept.Count(answer => answer == Kept.Before)));
        Assert.Equal(1000, (await WaitingAsync()).Select(waiting => waiting.Id).Distinct().Count());
        await ((IAsyncDisposable)second).DisposeAsync();
    }

    [Fact]
    public async Task A_row_that_does_not_fit_fails_alone()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            try
            {
                await Inbox.KeepAsync(Deliveries.Of($"id-{number}", application: number == 7 ? new string('x', 101) : "shop"));
                return true;
            }
            catch (OutsideException)
            {
                return false;
            }
        }));
        Assert.Equal(7, Assert.Single(Enumerable.Range(0, 20), number => !answers[number]));
        Assert.Equal(19, (await WaitingAsync()).Length);
        Assert.Equal(Kept.Now, await Inbox.KeepAsync(Deliveries.Of("after")));
    }

    [Fact]
    public async Task They_are_read_in_the_order_of_their_arrival_page_by_page()
    {
        for (var number = 9; number >= 0; number--)
        {
            await Inbox.KeepAsync(Deliveries.Of($"id-{number}"));
        }
        var first = await Inbox.ReadWaitingAsync(0, 6, Cancellation);
        var second = await Inbox.ReadWaitingAsync(first[^1].Position, 6, Cancellation);
        Assert.Equal(Enumerable.Range(0, 10).Reverse().Select(number => $"id-{number}"), first.Concat(second).Select(waiting => waiting.Id));
        Assert.Equal(Deliveries.Noon, first[0].ReceivedAt);
    }

    [Fact]
    public async Task One_is_aimed_once_and_settled_once()
    {
        await Inbox.KeepAsync(Deliveries.Of("a"));
        await Inbox.KeepAsync(Deliveries.Of("b"));
        var (a, b) = ((await WaitingAsync())[0].Position, (await WaitingAsync())[1].Position);
        Assert.True(await Inbox.AimAsync(a, Database.Deployment(1), Cancellation));
        Assert.False(await Inbox.AimAsync(a, Database.Deployment(2), Cancellation));
        Assert.Equal(Database.Deployment(1), (await WaitingAsync())[0].Deployment);
        Assert.True(await Inbox.SettleAsync(a, null, Deliveries.Noon, Cancellation));
        Assert.False(await Inbox.SettleAsync(a, "a reason", Deliveries.Noon, Cancellation));
        Assert.True(await Inbox.SettleAsync(b, new string('r', 5000), Deliveries.Noon, Cancellation));
        Assert.False(await Inbox.AimAsync(b, Database.Deployment(1), Cancellation));
        Assert.Empty(await WaitingAsync());
        Assert.Equal(Kept.Before, await Inbox.KeepAsync(Deliveries.Of("a")));
    }

    [Fact]
    public async Task What_was_settled_long_ago_is_forgotten_bit_by_bit_and_what_waits_never()
    {
        for (var number = 0; number < 7; number++)
        {
            await Inbox.KeepAsync(Deliveries.Of($"id-{number}"));
        }
        foreach (var waiting in (await WaitingAsync())[..6])
        {
            await Inbox.SettleAsync(waiting.Position, null, Deliveries.Noon.AddMinutes(waiting.Id == "id-5" ? 10 : 0), Cancellation);
        }
        Assert.Equal(3, await Inbox.TrimAsync(Deliveries.Noon.AddMinutes(5), 3, Cancellation));
        Assert.Equal(2, await Inbox.TrimAsync(Deliveries.Noon.AddMinutes(5), 3, Cancellation));
        Assert.Equal(0, await Inbox.TrimAsync(Deliveries.Noon.AddMinutes(5), 3, Cancellation));
        Assert.Equal(Kept.Before, await Inbox.KeepAsync(Deliveries.Of("id-5")));
        Assert.Equal(Kept.Now, await Inbox.KeepAsync(Deliveries.Of("id-0")));
        Assert.Equal(["id-6", "id-0"], (await WaitingAsync()).Select(waiting => waiting.Id));
    }

    [Fact]
    public async Task More_bytes_than_there_is_room_for_are_not_taken()
    {
        var half = new string('x', Delivery.MostBytes / 2);
        var deliveries = Enumerable.Range(0, 300).Select(number => Deliveries.Of($"id-{number}", padding: half)).ToList();
        var kept = await Task.WhenAll(deliveries.Select(Inbox.KeepAsync));
        Assert.Contains(Kept.Full, kept);
        Assert.Equal(kept.Count(answer => answer == Kept.Now), (await WaitingAsync()).Length);
        Assert.Equal(Kept.Now, await Inbox.KeepAsync(Deliveries.Of("after")));
    }

    public async ValueTask InitializeAsync()
    {
        _database = await CreateAsync();
        Inbox = _database.OpenInbox();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await ((IAsyncDisposable)Inbox).DisposeAsync();
            await _database.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    private protected Task<ImmutableArray<WaitingDelivery>> WaitingAsync() => Inbox.ReadWaitingAsync(0, 5000, Cancellation);

    private protected abstract Task<TestDatabase> CreateAsync();
}

public sealed class SqliteInboxTests : InboxContract
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());
}
