using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Streams;

/// <summary>What the streams between the agents promise.</summary>
public sealed class WokenStreamTests
{
    private const int QueueCount = 8;
    private static readonly Guid One = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();

    private readonly string _run = Messages.Nonce.Fresh();

    [Fact]
    public async Task Each_stream_keeps_its_order()
    {
        await using var silo = await StreamSilo.StartAsync();
        var streams = Enumerable.Range(0, 16).Select(number => $"order-{number}-{_run}").ToArray();
        await Task.WhenAll(streams.Select(async stream =>
        {
            for (var item = 0; item < 200; item++)
            {
                await silo.PublishAsync(stream, item);
            }
        }));
        await Eventually.IsTrueAsync(() => Task.FromResult(streams.All(stream => SinkGrain.Of(stream).Count >= 200)));
        Assert.All(streams, stream => Assert.Equal(Enumerable.Range(0, 200), SinkGrain.Of(stream)));
    }

    [Fact]
    public async Task Nothing_is_asked_while_nothing_is_published_and_a_message_travels_at_once()
    {
        await using var silo = await StreamSilo.StartAsync();
        await silo.PublishAsync($"first-{_run}", 1);
        await Eventually.IsTrueAsync(() => Task.FromResult(SinkGrain.Of($"first-{_run}").Count == 1 && silo.Takes > QueueCount));

        // Every queue waits for half a second at a time. One that polled would be asked so often in a moment.
        var (takes, began) = (silo.Takes, TimeProvider.System.GetTimestamp());
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Takes >= takes + (2 * QueueCount)));
        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.True(took > WokenQueues.Wait * 0.8, $"{2 * QueueCount} looks took only {took}.");

        began = TimeProvider.System.GetTimestamp();
        for (var item = 2; item <= 21; item++)
        {
            await silo.PublishAsync($"first-{_run}", item);
            await Eventually.IsTrueAsync(() => Task.FromResult(SinkGrain.Of($"first-{_run}").Count == item));
        }
        // Had each waited for its queue to be asked again, it would have been twenty waits.
        Assert.True(TimeProvider.System.GetElapsedTime(began) < WokenQueues.Wait * 16, "Twenty messages waited for their queue.");
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_message()
    {
        var queue = new QueueGrain(TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var taken = queue.TakeAsync(One, 1, TimeSpan.FromHours(1), stop.Token);
        Assert.False(taken.IsCompleted);
        await stop.CancelAsync();
        Assert.Empty(await taken.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stop_of_a_silo_cuts_the_waits_of_its_queues_short()
    {
        await using var silo = await StreamSilo.StartAsync();
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Takes >= QueueCount));
        await silo.StopAsync();
        Assert.InRange(silo.Cut, 1, QueueCount);
    }

    [Fact]
    public async Task A_subscriber_that_throws_holds_up_nobody_else()
    {
        await using var silo = await StreamSilo.StartAsync();
        var bad = $"bad-{_run}";
        var queue = QueueOf(silo, bad);
        var others = Enumerable.Range(0, 1000).Select(number => $"good-{number}-{_run}")
            .Where(stream => QueueOf(silo, stream) == queue).Take(10).ToArray();
        await silo.PublishAsync(bad, 0);
        await Eventually.IsTrueAsync(() => Task.FromResult(!SinkGrain.Of(bad).IsEmpty));
        for (var item = 0; item < 100; item++)
        {
            await silo.PublishAsync(bad, item);
            await Task.WhenAll(others.Select(stream => silo.PublishAsync(stream, item)));
        }
        await Eventually.IsTrueAsync(() => Task.FromResult(others.All(stream => SinkGrain.Of(stream).Count >= 100)));
        Assert.All(others, stream => Assert.Equal(Enumerable.Range(0, 100), SinkGrain.Of(stream)));
    }

    [Fact]
    public async Task A_full_queue_takes_nothing_new_and_loses_nothing()
    {
        var queue = new QueueGrain(TimeProvider.System);
        var stream = StreamId.Create(SinkGrain.Namespace, "full");
        for (var item = 0; item < QueueGrain.Capacity; item++)
        {
            Assert.True(await queue.PutAsync(new(stream, [item])));
        }
        Assert.False(await queue.PutAsync(new(stream, [-1])));

        var oldest = Assert.Single(await queue.TakeAsync(One, 1, TimeSpan.Zero, TestContext.Current.CancellationToken));
        Assert.Equal([0], oldest.Items);
        Assert.True(await queue.PutAsync(new(stream, [-1])));
        var rest = await queue.TakeAsync(One, int.MaxValue, TimeSpan.Zero, TestContext.Current.CancellationToken);
        Assert.Equal([.. Enumerable.Range(1, QueueGrain.Capacity - 1), -1], rest.Select(message => (int)message.Items[0]));
    }

    [Fact]
    public async Task What_a_receiver_took_to_its_grave_is_handed_to_the_next_one_once()
    {
        var queue = new QueueGrain(TimeProvider.System);
        var waiting = TakeAsync(queue, One, TimeSpan.FromSeconds(60));
        await queue.PutAsync(new(StreamId.Create(SinkGrain.Namespace, "heir"), [1]));
        Assert.Equal([1], await waiting);
        await queue.PutAsync(new(StreamId.Create(SinkGrain.Namespace, "heir"), [2]));
        Assert.Equal([1, 2], await TakeAsync(queue, Other, TimeSpan.Zero));
        // What was handed out twice is not handed out again, so two that both believe to be the only one do not ask for ever.
        Assert.Equal([2], await TakeAsync(queue, One, TimeSpan.Zero));
        Assert.Empty(await TakeAsync(queue, Other, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_receiver_that_asks_again_got_what_it_was_handed()
    {
        var queue = new QueueGrain(TimeProvider.System);
        await queue.PutAsync(new(StreamId.Create(SinkGrain.Namespace, "arrived"), [1]));
        Assert.Equal([1], await TakeAsync(queue, One, TimeSpan.Zero));
        Assert.Empty(await TakeAsync(queue, One, TimeSpan.Zero));
        Assert.Empty(await TakeAsync(queue, Other, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_receiver_that_another_one_replaced_takes_nothing_any_more()
    {
        var queue = new QueueGrain(TimeProvider.System);
        var gone = TakeAsync(queue, One, TimeSpan.FromSeconds(60));
        var heir = TakeAsync(queue, Other, TimeSpan.FromSeconds(60));
        await queue.PutAsync(new(StreamId.Create(SinkGrain.Namespace, "replaced"), [1]));
        Assert.Equal([1], await heir);
        Assert.Empty(await gone);
    }

    [Fact]
    public async Task A_queue_that_nobody_reads_or_nobody_writes_does_not_last()
    {
        await using var silo = await StreamSilo.StartAsync();
        var message = new QueueMessage(StreamId.Create(SinkGrain.Namespace, "unread"), [1]);
        Assert.True(await silo.UnreadQueue.PutAsync(message));
        await Eventually.IsTrueAsync(async () => !await silo.UnreadQueue.PutAsync(message));
        await Eventually.IsTrueAsync(() => silo.UnreadQueue.PutAsync(message));

        // The silo's own receivers read theirs all the time, and nobody writes to them.
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Renewals.Count == QueueCount && silo.Renewals.All(times => times > 0)));
        await silo.PublishAsync($"renewed-{_run}", 1);
        await Eventually.IsTrueAsync(() => Task.FromResult(SinkGrain.Of($"renewed-{_run}").SequenceEqual([1])));
    }

    [Fact]
    public async Task A_publisher_is_told_that_the_queue_is_full()
    {
        await using var silo = await StreamSilo.StartAsync();
        silo.QueuesAreFull = true;
        var broken = await Assert.ThrowsAsync<OutsideException>(() => silo.PublishAsync($"full-{_run}", 1));
        Assert.Equal("queue.full", broken.Reason.Code);
        silo.QueuesAreFull = false;
        await silo.PublishAsync($"full-{_run}", 2);
        await Eventually.IsTrueAsync(() => Task.FromResult(SinkGrain.Of($"full-{_run}").SequenceEqual([2])));
    }

    private static async Task<IEnumerable<int>> TakeAsync(QueueGrain queue, Guid receiver, TimeSpan wait) =>
        (await queue.TakeAsync(receiver, int.MaxValue, wait, TestContext.Current.CancellationToken)).Select(message => (int)message.Items[0]);

    private static Orleans.Streams.QueueId QueueOf(StreamSilo silo, string key) =>
        silo.Queues.GetStreamQueueMapper().GetQueueForStream(StreamId.Create(SinkGrain.Namespace, key));
}
