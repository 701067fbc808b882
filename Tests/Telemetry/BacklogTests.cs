using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Telemetry;

/// <summary>What waits is read alike from both databases.</summary>
public sealed class BacklogTests
{
    private static readonly DateTimeOffset Due = Database.Noon.AddMinutes(5);

    [Fact]
    public async Task SQLite_says_what_waits()
    {
        using var database = new Database();
        await CheckAsync(database, new SqliteBacklog(database.Source).ReadAsync);
    }

    [Fact]
    public async Task PostgreSQL_says_what_waits()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await CheckAsync(database, new PostgresBacklog(database.Source).ReadAsync);
    }

    private static async Task CheckAsync(TestDatabase database, Func<CancellationToken, Task<Backlog>> readAsync)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var empty = await readAsync(cancellation);
        Assert.Equal((null, null, 0), (empty.OldestDue, empty.OldestFact, empty.Facts));
        Assert.Empty(empty.Open);

        var log = database.OpenLog();
        Assert.True(await log.AppendAsync(Database.Append(Database.Deployment(1), 1, due: Due.AddHours(1)), cancellation));
        Assert.True(await log.AppendAsync(Database.Append(Database.Deployment(2), 1, due: Due), cancellation));
        var closed = Database.Append(Database.Deployment(3), 1, due: Due);
        Assert.True(await log.AppendAsync(closed with { Head = closed.Head with { Due = null } }, cancellation));
        var read = await readAsync(cancellation);
        await ((IAsyncDisposable)log).DisposeAsync();

        Assert.Equal(Due, read.OldestDue);
        Assert.Equal(2, Assert.Single(read.Open).Count);
        Assert.Equal(read.Facts > 0, read.OldestFact is not null);
        await database.ChainOutboxAsync(cancellation);
        Assert.Equal(0, (await readAsync(cancellation)).Facts);
    }
}
