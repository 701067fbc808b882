using Maestro.Deployments;
using Npgsql;

namespace Maestro.Storage.Postgres;

public sealed class PostgresDeploymentLogTests : DeploymentLogContract
{
    private static readonly DeploymentId Shop = Database.Deployment();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("deployment_log", "UPDATE deployment_log SET writer = 'else'")]
    [InlineData("deployment_log", "DELETE FROM deployment_log")]
    [InlineData("deployment_log", "TRUNCATE deployment_log")]
    [InlineData("ledger", "UPDATE ledger SET actor = 'else'")]
    [InlineData("ledger", "DELETE FROM ledger")]
    [InlineData("ledger", "TRUNCATE ledger")]
    public async Task Rows_that_were_written_cannot_be_changed(string table, string attack)
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var log = new PostgresDeploymentLog(database.Source);
        await log.AppendAsync(Database.Append(Shop, 1), Cancellation);
        await database.ChainOutboxAsync(Cancellation);
        var refused = Assert.Throws<PostgresException>(() => database.Tamper(attack));
        Assert.Equal($"{table} is append-only", refused.MessageText);

        database.Tamper(database.WithoutGuards);
        database.Tamper(attack);
    }

    [Fact]
    public async Task Text_that_the_database_cannot_hold_is_refused_and_the_log_goes_on()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var log = new PostgresDeploymentLog(database.Source);
        var appends = Enumerable.Range(1, 40)
            .Select(i => log.AppendAsync(Database.Append(Database.Deployment(i), 1, i == 20 ? "a\0b" : "silo-1"), Cancellation)).ToArray();
        for (var i = 1; i <= 40; i++)
        {
            var append = appends[i - 1];
            if (i == 20)
            {
                await Expect.RefusedAsync("storage.row", () => append);
            }
            else
            {
                Assert.True(await append);
            }
        }
    }

    [Fact]
    public async Task Two_silos_that_write_the_same_deployments_in_any_order_both_go_on()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var other = new PostgresSource(database.Text);
        await using var log = new PostgresDeploymentLog(database.Source);
        await using var second = new PostgresDeploymentLog(other);
        var wins = await Task.WhenAll(Race(log, "silo-1", 1), Race(second, "silo-2", -1));
        for (var i = 1; i <= 30; i++)
        {
            var rows = await log.ReadAsync(Database.Deployment(i), 1, 100, Cancellation);
            Assert.Equal(Enumerable.Range(1, 10), rows.Select(row => row.Number));
            Assert.All(rows, row => Assert.Contains((i, row.Number), wins[row.Writer == "silo-1" ? 0 : 1]));
        }
        Assert.Equal(300, wins.Sum(won => won.Count));
    }

    private static async Task<HashSet<(int Deployment, int Number)>> Race(PostgresDeploymentLog log, string writer, int direction)
    {
        var won = new HashSet<(int, int)>();
        for (var number = 1; number <= 10; number++)
        {
            var deployments = Enumerable.Range(1, 30).OrderBy(i => i * direction).ToArray();
            var took = await Task.WhenAll(deployments.Select(async i =>
            {
                var took = await log.AppendAsync(Database.Append(Database.Deployment(i), number, writer), Cancellation);
                await log.SetDueAsync(Database.Deployment(31 - i), number, Database.Noon, Cancellation);
                return took;
            }));
            won.UnionWith(deployments.Where((_, place) => took[place]).Select(i => (i, number)));
        }
        return won;
    }

    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();

    protected override string Blob(string text) => $"convert_to('{text}', 'UTF8')";
}
