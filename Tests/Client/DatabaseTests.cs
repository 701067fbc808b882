using System.Diagnostics;
using Maestro.Commands;
using Maestro.Hosting;
using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Client;

public sealed class DatabaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_brought_to_the_form_of_the_release_once()
    {
        var text = await (await PostgresServer.CurrentAsync()).CreateAsync(migrated: false);
        var first = await ConsoleRun.OfAsync("db", "migrate", "--database", text);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.All(SchemaScript.Postgres, script => Assert.Contains(script.Name, first.Out, StringComparison.Ordinal));
        var second = await ConsoleRun.OfAsync("db", "migrate", "--database", text);
        Assert.Equal(0, second.ExitCode);
        Assert.StartsWith("Nothing was missing", second.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(PostgresProcess.Password, first.Out + second.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_processes_at_once_apply_every_script_once()
    {
        var text = await (await PostgresServer.CurrentAsync()).CreateAsync(migrated: false);
        var said = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => MigrateAsync(text)));
        var lines = said.SelectMany(run => run.Split('\n')).Where(line => line.StartsWith("Applied", StringComparison.Ordinal)).Order();
        Assert.Equal(SchemaScript.Postgres.Select(script => $"Applied {script.Name}."), lines);
    }

    [Fact]
    public async Task A_newer_database_is_refused_in_one_sentence()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        database.Tamper($"INSERT INTO schema_version VALUES (99, '0099-later.sql', '{new string('0', 64)}', '')");
        var run = await ConsoleRun.OfAsync("db", "migrate", "--database", database.Text);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("newer release", Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_is_brought_there_too()
    {
        var folder = Directory.CreateTempSubdirectory("maestro-db-");
        var first = await ConsoleRun.OfAsync("db", "migrate", "--data", folder.FullName);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Contains(SchemaScript.Sqlite[^1].Name, first.Out, StringComparison.Ordinal);
        Assert.StartsWith("Nothing", (await ConsoleRun.OfAsync("db", "migrate", "--data", folder.FullName)).Out, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Both_at_once_are_a_mistake() =>
        Assert.Equal(64, (await ConsoleRun.OfAsync("db", "migrate", "--data", "x", "--database", "Host=db")).ExitCode);

    // The text is in the environment, where no list of processes shows it.
    private static async Task<string> MigrateAsync(string text)
    {
        var self = SelfCommand.Current;
        using var process = Process.Start(new ProcessStartInfo(self.Program, [.. self.Arguments, "db", "migrate"])
        {
            RedirectStandardOutput = true,
            Environment = { [DatabaseOption.Variable] = text },
        })!;
        var said = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
        return said;
    }
}
