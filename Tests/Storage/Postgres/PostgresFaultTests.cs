using System.Collections.Concurrent;
using Maestro.Outside;

namespace Maestro.Storage.Postgres;

/// <summary>Backends and servers that die under the log. What was acknowledged is there, once, and the log goes on by itself.</summary>
public sealed class PostgresFaultTests
{
    private const int Writers = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backends_that_are_ended_in_the_middle_lose_nothing()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        var kills = 0;
        await WriteThroughAsync(database.Source, async () =>
        {
            database.Tamper(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            return ++kills < 10;
        });
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_loses_nothing()
    {
        await using var server = await PostgresProcess.StartAsync();
        await using var source = new PostgresSource(server.Text());
        await new PostgresSchema(TimeProvider.System).ApplyAsync(source, Cancellation);
        var kills = 0;
        await WriteThroughAsync(source, async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
            await server.KillAsync();
            await server.StartAgainAsync();
            return ++kills < 3;
        });
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_found_out()
    {
        var server = await (await PostgresServer.CurrentAsync()).StartedAsync();
        await using var database = await PostgresDatabase.OwnAsync();
        await using var between = new CutConnections(server.Port);
        await using var source = new PostgresSource($"{database.Text};Port={between.Port}");
        await using var log = new PostgresDeploymentLog(source);
        for (var number = 1; number <= 5; number++)
        {
            between.CutAfter($"cut-{number}");
            Assert.True(await log.AppendAsync(Database.Append(Database.Deployment(), number, $"cut-{number}"), Cancellation));
            Assert.Equal(number, between.Cuts);
        }
        Assert.Equal(5, (await log.ReadAsync(Database.Deployment(), 1, 100, Cancellation)).Length);
    }

    /// <summary>Writers that each append number after number until the trouble is over, and then what they were told against what is there.</summary>
    private static async Task WriteThroughAsync(PostgresSource source, Func<Task<bool>> trouble)
    {
        await using var log = new PostgresDeploymentLog(source);
        using var over = new CancellationTokenSource(Patience);
        var told = new ConcurrentDictionary<int, int>();
        var writers = Enumerable.Range(1, Writers).Select(writer => Task.Run(() => WriteAsync(log, writer, told, over.Token))).ToArray();
        while (await trouble())
        {
        }
        var before = told.Values.Sum();
        await UntilAsync(() => told.Values.Sum() > before + Writers);
        await over.CancelAsync();
        await Task.WhenAll(writers);
        foreach (var (writer, last) in told)
        {
            var rows = await log.ReadAsync(Database.Deployment(writer), 1, 100_000, Cancellation);
            Assert.Equal(Enumerable.Range(1, rows.Length), rows.Select(row => row.Number));
            Assert.True(rows.Length >= last, $"{last} were acknowledged, {rows.Length} are there.");
            Assert.Equal(rows.Length, (await log.ReadHeadAsync(Database.Deployment(writer), Cancellation))!.Number);
        }
        Assert.Equal(Writers, told.Count);
        Assert.Null(await PostgresLogComparison.MissingFactAsync(source, Cancellation));
    }

    // As a deployment does: what is not known is read again.
    private static async Task WriteAsync(PostgresDeploymentLog log, int writer, ConcurrentDictionary<int, int> told, CancellationToken over)
    {
        var number = 1;
        while (!over.IsCancellationRequested)
        {
            try
            {
                Assert.True(await log.AppendAsync(Database.Append(Database.Deployment(writer), number), CancellationToken.None));
                told[writer] = number++;
            }
            catch (OutsideException)
            {
                number = await LastAsync(log, writer) + 1;
            }
        }
    }

    private static async Task<int> LastAsync(PostgresDeploymentLog log, int writer)
    {
        while (true)
        {
            try
            {
                return (await log.ReadHeadAsync(Database.Deployment(writer), CancellationToken.None))?.Number ?? 0;
            }
            catch (OutsideException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    private static async Task UntilAsync(Func<bool> so)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!so())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, "The log did not go on.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
