using System.Globalization;
using Maestro.Deployments;
using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>What a database that does not serve is called, and what to do about it. No sentence holds a password.</summary>
public sealed class PostgresSentenceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_password() => await SaysAsync("storage.login", (await ServerAsync()).Text(password: "wrong secret"));

    [Fact]
    public async Task No_password() => await SaysAsync("storage.login", (await ServerAsync()).Text(password: ""));

    [Fact]
    public async Task A_user_that_is_unknown() => await SaysAsync("storage.login", (await ServerAsync()).Text(user: "nobody"));

    [Fact]
    public async Task A_database_that_is_missing() => await SaysAsync("storage.no-database", (await ServerAsync()).Text("nothing"));

    [Fact]
    public async Task A_schema_that_is_missing() => await SaysAsync("storage.no-schema", (await ServerAsync()).Text());

    [Fact]
    public async Task A_server_that_is_down() => await SaysAsync("storage.unreachable", (await ServerAsync()).Text(port: 1));

    [Fact]
    public async Task A_host_that_does_not_exist() =>
        await SaysAsync("storage.unreachable", "Host=nowhere.invalid;Database=maestro;Username=maestro;Password=wrong secret");

    [Fact]
    public async Task A_user_that_may_nothing()
    {
        var server = await ServerAsync();
        var text = await (await PostgresServer.CurrentAsync()).CreateAsync();
        await server.ExecuteAsync("CREATE ROLE guest LOGIN PASSWORD 'guest'");
        await SaysAsync("storage.forbidden", new NpgsqlConnectionStringBuilder(text) { Username = "guest", Password = "guest" }.ConnectionString);
    }

    [Fact]
    public async Task No_connection_left()
    {
        var server = await ServerAsync();
        var name = $"full_{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
        await server.ExecuteAsync("CREATE ROLE crowd LOGIN PASSWORD 'crowd' CONNECTION LIMIT 1");
        await server.ExecuteAsync($"CREATE DATABASE {name}");
        var text = new NpgsqlConnectionStringBuilder(server.Text(name)) { Username = "crowd", Password = "crowd" }.ConnectionString;
        await using var holder = new NpgsqlConnection($"{text};Pooling=false");
        await holder.OpenAsync(Cancellation);
        await SaysAsync("storage.connections", text);
    }

    [Theory]
    [InlineData("53100", "storage.full")]
    [InlineData("25006", "storage.read-only")]
    [InlineData("57014", "storage.slow")]
    [InlineData("57P01", "storage.stopping")]
    [InlineData("57P03", "storage.stopping")]
    [InlineData("58030", "storage.failed")]
    public async Task What_the_server_itself_says(string state, string code)
    {
        await using var database = await PostgresDatabase.OwnAsync();
        database.Tamper($"""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = '{state}'; END $$;
            CREATE TRIGGER fail BEFORE INSERT ON deployment_log EXECUTE FUNCTION fail();
            """);
        await using var log = new PostgresDeploymentLog(database.Source);
        await Expect.BrokenAsync(code, () => log.AppendAsync(Database.Append(Database.Deployment(), 1), Cancellation));
        database.Tamper("DROP TRIGGER fail ON deployment_log");
        Assert.True(await log.AppendAsync(Database.Append(Database.Deployment(), 1), Cancellation));
    }

    [Theory]
    [InlineData("Host=db;Nonsense=secret")]
    [InlineData("secret")]
    [InlineData("Database=maestro;Password=secret")]
    [InlineData("Host=db;Port=secret")]
    public void A_text_that_names_no_database(string text)
    {
        var refused = Assert.Throws<RefusedException>(() => new PostgresSource(text));
        Assert.Equal("database.text", refused.Reason.Code);
        Assert.DoesNotContain("secret", refused.ToString(), StringComparison.Ordinal);
    }

    private static async Task<PostgresProcess> ServerAsync() => await (await PostgresServer.CurrentAsync()).StartedAsync();

    private static async Task SaysAsync(string code, string text)
    {
        await using var source = new PostgresSource(text);
        await using var log = new PostgresDeploymentLog(source);
        foreach (var call in new Func<Task>[]
        {
            () => log.ReadHeadAsync(Database.Deployment(), Cancellation),
            () => log.AppendAsync(Database.Append(Database.Deployment(), 1), Cancellation),
        })
        {
            var broken = await Assert.ThrowsAsync<OutsideException>(call);
            Assert.Equal(code, broken.Reason.Code);
            Assert.NotEmpty(broken.Reason.WayOut);
            Assert.DoesNotContain("secret", broken.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(PostgresProcess.Password, broken.Message, StringComparison.Ordinal);
        }
    }
}
