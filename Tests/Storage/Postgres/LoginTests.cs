using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Maestro.Cluster;
using Maestro.Client;
using Maestro.Doctor;
using Maestro.Hosting;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>The logins of silos on a real server: what each role's may do, and that the server refuses everything else.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private static readonly string[] Verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"];
    private PostgresDatabase _database = null!;

    public static TheoryData<string> Roles => [.. SiloRoles.Names];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_table_of_the_schema_is_granted_on_purpose() => Assert.Equal(
        await TablesAsync(), TableGrants.All.Select(grant => grant.Table).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task No_function_acts_with_the_owners_rights() => Assert.Empty(await _database.Source.SelectAsync(
        "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef", row => row.GetString(0), Cancellation));

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task The_server_lets_a_role_do_exactly_what_it_needs(string role)
    {
        var allowed = TableGrants.All.Where(grant => grant.Role == role).SelectMany(grant => grant.Verbs.Select(verb => $"{verb} {grant.Table}")).ToHashSet();
        await using var connection = await OpenAsync(role);
        foreach (var (table, column) in await ColumnsAsync())
        {
            foreach (var verb in Verbs)
            {
                var state = await StateOfAsync(connection, Statement(verb, table, column));
                Assert.True(state == PostgresErrorCodes.InsufficientPrivilege != allowed.Contains($"{verb} {table}"), $"{role}: {verb} {table}: {state}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task No_role_touches_the_guards(string role)
    {
        await using var connection = await OpenAsync(role);
        string[] attacks =
        [
            "DROP TRIGGER ledger_append_only ON ledger", "ALTER TABLE ledger DISABLE TRIGGER ALL", "DROP TABLE deployment_log",
            "ALTER TABLE ledger RENAME TO gone",
            "SET session_replication_role = replica", "CREATE TABLE mine (x int)", "CREATE FUNCTION append_only() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'", "CREATE ROLE friend LOGIN",
            "ALTER TABLE ledger OWNER TO CURRENT_USER", "ALTER TABLE orleansstorage DISABLE ROW LEVEL SECURITY", "CREATE TEMPORARY TABLE ledger (x int)",
            $"SET ROLE {PostgresProcess.User}", "UPDATE orleansquery SET querytext = ''",
        ];
        foreach (var attack in attacks)
        {
            Assert.Equal((attack, PostgresErrorCodes.InsufficientPrivilege), (attack, await StateOfAsync(connection, attack)));
        }
    }

    [Fact]
    public async Task With_the_owners_login_the_same_attack_on_the_ledger_succeeds()
    {
        _database.Tamper($"INSERT INTO ledger VALUES (0, 'k', '', '', '', '', '{{}}', '{new string('0', 64)}', '{new string('0', 64)}')");
        const string Attack = "ALTER TABLE ledger DISABLE TRIGGER ALL; UPDATE ledger SET actor = 'nobody'";
        await using (var silo = await OpenAsync("control"))
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await StateOfAsync(silo, Attack));
        }
        await using var owner = new NpgsqlConnection(_database.Text);
        await owner.OpenAsync(Cancellation);
        Assert.Null(await StateOfAsync(owner, Attack));
    }

    [Fact]
    [SuppressMessage("Security", "CA2100", Justification = "The tests' own statements.")]
    [SuppressMessage("Reliability", "CA2000", Justification = "Each is disposed at the end of its turn of the loop.")]
    public async Task A_role_sees_and_writes_its_own_grains_rows_only()
    {
        foreach (var state in TableGrants.States.Values.SelectMany(states => states))
        {
            _database.Tamper(Row(state));
        }
        foreach (var (role, own) in TableGrants.States)
        {
            await using var connection = await OpenAsync(role);
            await using var command = new NpgsqlCommand("SELECT string_agg(graintypestring, ',' ORDER BY graintypestring) FROM orleansstorage", connection);
            Assert.Equal(string.Join(',', own), await command.ExecuteScalarAsync(Cancellation));
            var foreign = TableGrants.States.First(other => other.Key != role).Value[0];
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await StateOfAsync(connection, Row(foreign)));
            await using var update = new NpgsqlCommand($"UPDATE orleansstorage SET version = 9 WHERE graintypestring = '{foreign}'", connection);
            Assert.Equal(0, await update.ExecuteNonQueryAsync(Cancellation));
        }
    }

    [Fact]
    public async Task What_a_login_may_do_beyond_its_roles_is_found_and_a_migration_takes_it_back()
    {
        Assert.Equal(["is a superuser"], (await LoginRights.ReadAsync(_database.Source, SiloRoles.All, Cancellation)).Excess);
        await using var control = new PostgresSource(await _database.LoginAsync("control,gateway"));
        await FitsAsync(control, "control,gateway");
        Assert.Contains("INSERT on ledger", (await RightsAsync(control, "gateway")).Excess);
        await using (var gateway = new PostgresSource(await _database.LoginAsync("gateway")))
        {
            Assert.Contains("INSERT on ledger", (await RightsAsync(gateway, "control,gateway")).Missing);
        }

        _database.Tamper("GRANT DELETE ON ledger TO maestro_control; GRANT UPDATE (actor) ON ledger TO PUBLIC");
        Assert.Equal(["DELETE on ledger", "UPDATE on ledger"], (await RightsAsync(control, "control,gateway")).Excess);
        await new PostgresSchema(TimeProvider.System).ApplyAsync(_database.Source, Cancellation);
        await FitsAsync(control, "control,gateway");
    }

    [Fact]
    public async Task A_silo_does_not_start_with_a_login_that_may_do_more_than_its_roles()
    {
        var folder = Directory.CreateTempSubdirectory("maestro-login-");
        await using (var owners = SiloRun.StartStrict(folder.FullName, _database.Text, "control,gateway"))
        {
            Assert.Contains("is a superuser", await owners.RefusedAsync(), StringComparison.Ordinal);
        }
        await using (var other = SiloRun.StartStrict(folder.FullName, await _database.LoginAsync("control"), "review"))
        {
            Assert.Contains("maestro db login", await other.RefusedAsync(), StringComparison.Ordinal);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_console_makes_a_login_and_writes_it_for_its_owner_alone()
    {
        var folder = Directory.CreateTempSubdirectory("maestro-login-");
        var file = Path.Combine(folder.FullName, "one.env");
        var name = $"one_{Guid.NewGuid():N}";
        string[] line = ["db", "login", name, "--roles", "review,build", "--out", file, "--database", _database.Text];
        var run = await ConsoleRun.OfAsync(line);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var text = (await File.ReadAllTextAsync(file, Cancellation)).Trim()["MAESTRO_DATABASE=".Length..].Trim('"');
        var password = new NpgsqlConnectionStringBuilder(text).Password!;
        Assert.DoesNotContain(password, run.Out, StringComparison.Ordinal);
        await using var first = new PostgresSource(text);
        await FitsAsync(first, "review,build");

        Assert.Equal(1, (await ConsoleRun.OfAsync(line)).ExitCode);
        File.Delete(file);
        line[4] = "review";
        Assert.Equal(0, (await ConsoleRun.OfAsync(line)).ExitCode);
        await using var old = new NpgsqlConnection($"{text};Pooling=false");
        await Assert.ThrowsAsync<PostgresException>(() => old.OpenAsync(Cancellation));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_doctor_says_what_a_login_may_do()
    {
        Assert.Equal(Health.Limited, (await DatabaseCheck.RunAsync(_database.Text, null, Cancellation)).Health);
        var review = await _database.LoginAsync("review");
        Assert.Equal(Health.Fine, (await DatabaseCheck.RunAsync(review, "review", Cancellation)).Health);
        Assert.Equal(Health.Missing, (await DatabaseCheck.RunAsync(review, "review,control", Cancellation)).Health);
        Assert.Equal(Health.Limited, (await DatabaseCheck.RunAsync("Host=127.0.0.1;Port=1", "review", Cancellation)).Health);
    }

    [Theory]
    [InlineData("Robert'); DROP TABLE ledger; --", "database.login-name")]
    [InlineData("maestro_control", "database.login-name")]
    [InlineData(PostgresProcess.User, "database.login-taken")]
    public Task A_name_that_cannot_be_a_silos_is_refused(string name, string code) => Expect.RefusedAsync(code, () => new DatabaseLogin(name, SiloRoles.All)
        .MakeAsync(_database.Source, _database.Text, Cancellation));

    [Fact]
    public async Task A_login_of_another_database_on_the_server_does_not_get_in()
    {
        await using var other = await PostgresDatabase.OwnAsync();
        await new PostgresSchema(TimeProvider.System).ApplyAsync(other.Source, Cancellation);
        var text = new NpgsqlConnectionStringBuilder(await _database.LoginAsync("control"))
        {
            Database = new NpgsqlConnectionStringBuilder(other.Text).Database,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(text.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    // A copied database has the tables' rights, and not its own.
    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.OwnAsync();
        await new PostgresSchema(TimeProvider.System).ApplyAsync(_database.Source, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private static Task<LoginRights> RightsAsync(PostgresSource source, string roles) =>
        LoginRights.ReadAsync(source, SiloRoles.Parse(roles), Cancellation);

    private static async Task FitsAsync(PostgresSource source, string roles)
    {
        var rights = await RightsAsync(source, roles);
        Assert.Empty(rights.Excess);
        Assert.Empty(rights.Missing);
    }

    private static string Statement(string verb, string table, string column) => verb switch
    {
        "SELECT" => $"SELECT 1 FROM {table} LIMIT 1",
        // Where rows have policies a row of defaults is nobody's.
        "INSERT" when table == "orleansstorage" => $"INSERT INTO {table} SELECT * FROM {table} WHERE false",
        "INSERT" => $"INSERT INTO {table} DEFAULT VALUES",
        "UPDATE" => $"UPDATE {table} SET {column} = {column} WHERE false",
        "DELETE" => $"DELETE FROM {table} WHERE false",
        _ => $"TRUNCATE {table}",
    };

    private static string Row(string state) =>
        $"INSERT INTO orleansstorage VALUES (1, 2, 3, 4, '{state}', 'key', 'service', NULL, now(), 1)";

    /// <summary>The error's code; null where the server did it. Nothing of it stays.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "The tests' own statements.")]
    private static async Task<string?> StateOfAsync(NpgsqlConnection connection, string statement)
    {
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var command = new NpgsqlCommand(statement, connection);
        try
        {
            await command.ExecuteNonQueryAsync(Cancellation);
            return null;
        }
        catch (PostgresException refused)
        {
            return refused.SqlState;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string roles)
    {
        var connection = new NpgsqlConnection($"{await _database.LoginAsync(roles)};Pooling=false");
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private async Task<ImmutableArray<string>> TablesAsync() => [.. (await ColumnsAsync()).Select(one => one.Table)];

    private Task<ImmutableArray<(string Table, string Column)>> ColumnsAsync() => _database.Source.SelectAsync(
        """
        SELECT c.relname::text,
          (SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity = '' ORDER BY a.attnum LIMIT 1)
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY c.relname COLLATE "C"
        """,
        row => (row.GetString(0), row.GetString(1)), Cancellation);
}
