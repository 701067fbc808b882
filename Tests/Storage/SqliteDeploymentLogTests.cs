using Maestro.Deployments;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

public sealed class SqliteDeploymentLogTests : DeploymentLogContract
{
    private static readonly DeploymentId Shop = Database.Deployment();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_busydatabase_breaks_the_append_and_the_log_goes_on()
    {
        using var database = new Database(patience: 1);
        await using var log = new SqliteDeploymentLog(database.Source);
        Assert.True(await log.AppendAsync(Database.Append(Shop, 1), Cancellation));
        using (var holder = database.Source.Open())
        {
            holder.Execute("BEGIN IMMEDIATE");
            await Expect.BrokenAsync("storage.busy", () => log.AppendAsync(Database.Append(Shop, 2), Cancellation));
        }
        Assert.True(await log.AppendAsync(Database.Append(Shop, 2), Cancellation));
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_crash()
    {
        using var database = new Database(patience: 1);
        await using var log = new SqliteDeploymentLog(database.Source);
        for (var number = 1; number <= 30; number++)
        {
            await log.AppendAsync(Database.Append(Shop, number), Cancellation);
        }
        // The files as a killed process leaves them: the last entries are in the write-ahead log alone.
        File.Copy(database.In("maestro.db"), database.In("crashed.db"));
        File.Copy(database.In("maestro.db-wal"), database.In("crashed.db-wal"));
        using var crashed = new SqliteSource(database.In("crashed.db"));
        await using var after = new SqliteDeploymentLog(crashed);
        Assert.Equal(30, (await after.ReadAsync(Shop, 1, 100, Cancellation)).Length);
        Assert.True(await after.AppendAsync(Database.Append(Shop, 31), Cancellation));

        File.Copy(database.In("maestro.db"), database.In("without.db"));
        using var without = new SqliteSource(database.In("without.db"));
        new Schema(TimeProvider.System).Apply(without);
        await using var empty = new SqliteDeploymentLog(without);
        Assert.Empty(await empty.ReadAsync(Shop, 1, 100, Cancellation));
    }

    [Theory]
    [InlineData("deployment_log", "UPDATE deployment_log SET writer = 'else'")]
    [InlineData("deployment_log", "DELETE FROM deployment_log")]
    [InlineData("deployment_log", "REPLACE INTO deployment_log SELECT deployment, number, body, 9, writer, at FROM deployment_log")]
    [InlineData("ledger", "UPDATE ledger SET actor = 'else'")]
    [InlineData("ledger", "DELETE FROM ledger")]
    [InlineData("ledger", "REPLACE INTO ledger SELECT idx, key, at, kind, 'else', subject, body, before, hash FROM ledger")]
    public async Task Rows_that_were_written_cannot_be_changed(string table, string attack)
    {
        using var database = new Database(patience: 1);
        await using var log = new SqliteDeploymentLog(database.Source);
        await log.AppendAsync(Database.Append(Shop, 1), Cancellation);
        await database.ChainOutboxAsync(Cancellation);
        var refused = Assert.Throws<SqliteException>(() => database.Tamper(attack));
        Assert.Equal(19, refused.SqliteErrorCode);

        database.Tamper($"DROP TRIGGER {table}_no_update; DROP TRIGGER {table}_no_delete; DROP TRIGGER {table}_in_order");
        database.Tamper(attack);
    }

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());

    protected override string Blob(string text) => $"CAST('{text}' AS BLOB)";
}
