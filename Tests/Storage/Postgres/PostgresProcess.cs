using System.Diagnostics.CodeAnalysis;
using Maestro.Chaos;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>A PostgreSQL of the tests' own, with a password, in a folder that goes with it.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    public const string User = PrivatePostgres.User;
    public const string Password = "a test's password";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-postgres-");
    private readonly PrivatePostgres _server;

    private PostgresProcess(string[] settings) =>
        _server = new(_folder.FullName, TimeProvider.System, ["fsync=on", "deadlock_timeout=200ms", .. settings], Password);

    public int Port => _server.Port;

    /// <summary>Starts one; skips the calling test where PostgreSQL is not installed.</summary>
    /// <param name="settings">Settings of the server such as <c>max_connections=20</c>.</param>
    public static async Task<PostgresProcess> StartAsync(params string[] settings)
    {
        Assert.SkipWhen(PrivatePostgres.Programs() is null, "PostgreSQL is not installed.");
        var server = new PostgresProcess(settings);
        try
        {
            await server._server.CreateAsync(CancellationToken.None);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string Text(string database = "postgres", string user = User, string password = Password, int? port = null) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port ?? Port,
            Database = database,
            Username = user,
            Password = password,
            Pooling = true,
        }.ConnectionString;

    /// <summary>Starts it again after <see cref="KillAsync"/>, and waits until it answers.</summary>
    public Task StartAgainAsync() => _server.StartAsync(CancellationToken.None);

    /// <summary>kill -9; what it started ends by itself.</summary>
    public Task KillAsync() => _server.KillAsync();

    /// <summary>Runs a statement as the database's owner.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "The tests' own statements.")]
    public async Task ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection($"{Text(database)};Pooling=false;Timeout=10");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                // Its last processes may still write.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }
}
