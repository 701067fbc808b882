using System.Diagnostics;
using System.Globalization;
using Maestro.Cluster;
using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Storage.Postgres;
using Npgsql;

namespace Maestro.Chaos;

/// <summary>A PostgreSQL of one's own: a folder, a loopback port, and a process that only its owner ends.</summary>
/// <param name="settings">Settings of the server besides, such as <c>max_connections=20</c>.</param>
/// <param name="password">What its user must give; null lets everybody in.</param>
internal sealed class PrivatePostgres(string folder, TimeProvider time, string[]? settings = null, string? password = null) : IAsyncDisposable
{
    public const string User = "maestro";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private readonly string _programs = Programs() ?? throw new SentenceException(
        "PostgreSQL is missing. Install the package postgresql; its own server need not run.", ExitCode.Fault);

    private Process? _process;

    public int Port { get; } = Ports.Free();

    /// <summary>Where PostgreSQL's programs are; null where it is not installed.</summary>
    public static string? Programs() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(programs => File.Exists(Path.Combine(programs, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    /// <summary>The text for connections through this port. Without TLS, so that the drill's proxies can read what passes.</summary>
    public static string Text(int port) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Database=postgres;Username={User};SSL Mode=Disable;GSS Encryption Mode=Disable");

    /// <summary>Makes its folder and starts it.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        string[] admission = ["trust"];
        if (password is not null)
        {
            await File.WriteAllTextAsync(In("password"), password, cancellation);
            admission = ["scram-sha-256", $"--pwfile={In("password")}"];
        }
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["-R", "postgres:", folder], cancellation);
        }
        var line = AsOwner("initdb", ["-D", In("rows"), "-U", User, "-E", "UTF8", "--no-locale", "--no-sync", "-A", .. admission]);
        await RunAsync(line[0], line[1..], cancellation);
        await StartAsync(cancellation);
    }

    /// <summary>Gives its database the release's schema.</summary>
    public async Task MigrateAsync(CancellationToken cancellation)
    {
        await using var source = new PostgresSource($"{Text(Port)};Pooling=false");
        await new PostgresSchema(time).ApplyAsync(source, cancellation);
    }

    /// <summary>The text for connections as silos of all roles may make them, and no more.</summary>
    public async Task<string> LoginAsync(CancellationToken cancellation)
    {
        await using var source = new PostgresSource($"{Text(Port)};Pooling=false");
        return await new DatabaseLogin("silo", SiloRoles.All).MakeAsync(source, Text(Port), cancellation);
    }

    /// <summary>Starts it, again after <see cref="KillAsync"/>, and waits until it accepts connections.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            _process ??= Start();
            if (await AnswersAsync(cancellation))
            {
                return;
            }
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new SentenceException($"The private PostgreSQL does not answer; see {In("log")}.", ExitCode.Fault);
            }
            if (_process.HasExited)
            {
                // After a kill it does not start before the last of its old processes has ended.
                _process.Dispose();
                _process = null;
            }
            await Task.Delay(Look, time, cancellation);
        }
    }

    /// <summary>kill -9 of the server; the processes that it started end by themselves.</summary>
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

    public async ValueTask DisposeAsync() => await KillAsync();

    private Process Start()
    {
        string[] all =
        [
            "listen_addresses=127.0.0.1", $"unix_socket_directories={folder}", "max_connections=200", "logging_collector=on", $"log_directory={In("log")}",
            .. settings ?? [],
        ];
        var port = Port.ToString(CultureInfo.InvariantCulture);
        var line = AsOwner("postgres", ["-D", In("rows"), "-p", port, .. all.SelectMany(setting => new[] { "-c", setting })]);
        return Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"{Text(Port)};Password={password};Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellation);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // It refuses to run as root.
    private string[] AsOwner(string program, string[] arguments)
    {
        string[] line = [Path.Combine(_programs, program), .. arguments];
        return Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. line] : line;
    }

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = process.StandardOutput.ReadToEndAsync(cancellation);
        var complained = await process.StandardError.ReadToEndAsync(cancellation);
        await said;
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new SentenceException($"{Path.GetFileName(program)} failed: {complained.Trim()}", ExitCode.Fault);
        }
    }

    private string In(string name) => Path.Combine(folder, name);
}
