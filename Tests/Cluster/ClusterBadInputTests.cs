using Maestro.Hosting;
using Maestro.Storage.Postgres;
using Npgsql;

namespace Maestro.Cluster;

/// <summary>What a silo of a cluster is started with can be wrong. It says what is wrong and what to do, and never half-starts.</summary>
public sealed class ClusterBadInputTests : IDisposable
{
    private const string FakeTime = "/usr/bin/faketime";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-cluster-");

    [Fact]
    public async Task A_wrong_password_ends_it_with_the_name_of_the_database()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var silo = SiloRun.StartMember(Data(), new NpgsqlConnectionStringBuilder(database.Text) { Password = "not this one" }.ConnectionString);

        var said = await silo.RefusedAsync();

        Assert.Contains("password", said, StringComparison.Ordinal);
        Assert.DoesNotContain("not this one", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_without_tables_ends_it_with_the_way_to_make_them()
    {
        var server = await PostgresServer.CurrentAsync();
        await using var silo = SiloRun.StartMember(Data(), await server.CreateAsync(migrated: false));

        Assert.Contains("maestro db migrate", await silo.RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_database_at_all_ends_it_with_the_name_of_the_option()
    {
        await using var silo = SiloRun.StartMember(Data(), null);

        Assert.Contains("--database", await silo.RefusedAsync(64), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_down_is_waited_for()
    {
        await using var server = await PostgresProcess.StartAsync();
        await using (var source = new PostgresSource($"{server.Text()};Pooling=false"))
        {
            await new PostgresSchema(TimeProvider.System).ApplyAsync(source, TestContext.Current.CancellationToken);
        }
        await server.KillAsync();
        await using var silo = SiloRun.StartMember(Data(), server.Text());

        Assert.StartsWith("Waiting:", await silo.ComplainsAsync(), StringComparison.Ordinal);
        await server.StartAgainAsync();
        await silo.AnswersAsync();
    }

    [Fact]
    public async Task A_clock_that_is_an_hour_off_ends_it_with_both_times()
    {
        Assert.SkipUnless(File.Exists(FakeTime), "The package faketime is not installed.");
        await using var database = await PostgresDatabase.OwnAsync();
        await using var silo = SiloRun.StartMember(Data(), database.Text, before: ["env", "FAKETIME_DONT_FAKE_MONOTONIC=1", FakeTime, "-f", "+1h"]);

        Assert.Contains("3600 s away", await silo.RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_cluster_on_the_same_database_is_refused_and_the_first_goes_on()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var first = SiloRun.StartMember(Data(), database.Text);
        await first.AnswersAsync();
        await using var other = SiloRun.StartMember(Data("other"), database.Text);

        Assert.Contains("belongs to one installation", await other.RefusedAsync(), StringComparison.Ordinal);
        await using var second = SiloRun.StartMember(Data(), database.Text, "two");
        await second.AnswersAsync();
    }

    [Fact]
    public async Task A_name_that_a_running_silo_has_is_refused_and_free_again_after_a_kill()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using (var first = SiloRun.StartMember(Data(), database.Text))
        {
            await first.AnswersAsync();
            await using var second = SiloRun.StartMember(Data(), database.Text);
            Assert.Contains("'one' runs in", await second.RefusedAsync(), StringComparison.Ordinal);
        }
        await using var again = SiloRun.StartMember(Data(), database.Text);
        await again.AnswersAsync();
    }

    [Theory]
    [InlineData("control,coffee", "coffee")]
    [InlineData(",", "none")]
    public async Task A_role_that_there_is_not_ends_it_with_those_there_are(string roles, string found)
    {
        await using var silo = SiloRun.StartMember(Data(), "Host=127.0.0.1", roles: roles);

        var said = await silo.RefusedAsync();

        Assert.Contains("build,control,custody,deployment,gateway,infrastructure,review", said, StringComparison.Ordinal);
        Assert.Contains(found, said, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Data(string name = "data") => Path.Combine(_folder.FullName, name);
}
