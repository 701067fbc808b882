using Maestro.Outside;
using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Inbox;

public sealed class PostgresInboxTests : InboxContract
{
    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_found_out()
    {
        var database = (PostgresDatabase)Rows;
        var server = await (await PostgresServer.CurrentAsync()).StartedAsync();
        await using var between = new CutConnections(server.Port);
        await using var source = new PostgresSource($"{database.Text};Port={between.Port}");
        await using var inbox = new PostgresInbox(source);
        for (var number = 1; number <= 3; number++)
        {
            between.CutAfter($"cut-{number}", "INSERT 0 1");
            Assert.Equal(Kept.Before, await inbox.KeepAsync(Deliveries.Of($"cut-{number}")));
            Assert.Equal(number, between.Cuts);
        }
        Assert.Equal(3, (await WaitingAsync()).Length);
    }

    [Fact]
    public async Task What_a_server_acknowledged_before_it_was_killed_is_there()
    {
        await using var server = await PostgresProcess.StartAsync();
        await using var source = new PostgresSource(server.Text());
        await new PostgresSchema(TimeProvider.System).ApplyAsync(source, Cancellation);
        await using var inbox = new PostgresInbox(source);
        var kept = Enumerable.Range(0, 500).Select(number => Task.Run(async () =>
        {
            try
            {
                return await inbox.KeepAsync(Deliveries.Of($"id-{number}")) is Kept.Now or Kept.Before ? number : -1;
            }
            catch (OutsideException)
            {
                return -1;
            }
        })).ToList();
        await kept[0];
        await server.KillAsync();
        var acknowledged = (await Task.WhenAll(kept)).Where(number => number >= 0).Select(number => $"id-{number}").ToList();
        await server.StartAgainAsync();
        Assert.NotEmpty(acknowledged);
        // The silo's own source may still have connections of the server that died.
        await using var after = new PostgresSource($"{server.Text()};Pooling=false");
        await using var read = new PostgresInbox(after);
        Assert.Subset((await read.ReadWaitingAsync(0, 1000, Cancellation)).Select(waiting => waiting.Id).ToHashSet(), acknowledged.ToHashSet());
    }

    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();
}
