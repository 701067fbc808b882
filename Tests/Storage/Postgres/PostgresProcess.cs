using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>A PostgreSQL of its own: a folder, a port of the loopback and a process that only this one ends.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    public const string User = "maestro";
    public const string Password = "a test's password";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-postgres-");
    private readonly string _programs;
    private readonly string[] _settings;
    private Process? _process;

    private PostgresProcess(string programs, string[] settings) => (_programs, _settings) = (programs, settings);

    public int Port { get; } = FreePort();

    /// <summary>Starts one; skips the calling test where PostgreSQL is not installed.</summary>
    /// <param name="settings">Settings of the server such as <c>max_connections=20</c>.</param>
    public static async Task<PostgresProcess> StartAsync(params string[] settings)
    {
        Assert.SkipWhen(Programs() is null, "PostgreSQL is not installed.");
        var server = new PostgresProcess(Programs()!, settings);
        try
        {
            await server.InitializeAsync();
            await server.StartAgainAsync();
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

    /// <summary>Starts it, again after <see cref="KillAsync"/>, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            _process ??= Run("postgres", ["-D", In("rows"), .. Settings().SelectMany(setting => new[] { "-c", setting })]);
            try
            {
                await ExecuteAsync("SELECT 1");
                return;
            }
            catch (NpgsqlException failure)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"PostgreSQL does not answer: {failure.Message}");
            }
            if (_process.HasExited)
            {
                // After a kill it does not start before the last of its old processes has ended.
                _process.Dispose();
                _process = null;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>kill -9; what it started ends by itself.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

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
        await KillAsync();
        await TryAsync(() =>
        {
            _folder.Delete(recursive: true);
            return true;
        });
    }

    private static string? Programs() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Its last processes may still write while the folder is being deleted.
    private static async Task TryAsync(Func<bool> work)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                work();
                return;
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private IEnumerable<string> Settings() =>
    [
        "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={Port}"), $"unix_socket_directories={_folder.FullName}",
        "fsync=on", "max_connections=200", "logging_collector=on", $"log_directory={_folder.FullName}", "deadlock_timeout=200ms", .. _settings,
    ];

    private async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(In("password"), Password);
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", ["-R", "postgres:", _folder.FullName]);
            await chown.WaitForExitAsync();
        }
        using var process = Run(
            "initdb", ["-D", In("rows"), "-U", User, "-A", "scram-sha-256", $"--pwfile={In("password")}", "-E", "UTF8", "--no-locale", "--no-sync"]);
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = await process.StandardError.ReadToEndAsync();
        await said;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"initdb: {complained}");
    }

    // It refuses to run as root.
    private Process Run(string program, IEnumerable<string> arguments)
    {
        string[] command = [Path.Combine(_programs, program), .. arguments];
        string[] line = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. command] : command;
        return Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        })!;
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);
}
