using System.Diagnostics;
using System.Globalization;
using Maestro.Connection;
using Maestro.Storage.Postgres;
using Npgsql;

namespace Maestro.Chaos;

/// <summary>A PostgreSQL of the drill's own: a folder, a loopback port, and a process that only the drill ends.</summary>
internal sealed class PrivatePostgres(string folder, TimeProvider time) : IAsyncDisposable
{
    private const string User = "maestro";
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

    public async Task CreateAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["postgres:", folder], cancellation);
        }
        string[] initialize = ["-D", In("rows"), "-U", User, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
        var line = AsOwner(Path.Combine(_programs, "initdb"), initialize);
        await RunAsync(line[0], line[1..], cancellation);
        await StartAsync(cancellation);
        await using var source = new PostgresSource($"{Text(Port)};Pooling=false");
        await new PostgresSchema(time).ApplyAsync(source, cancellation);
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
                throw new SentenceException($"The drill's PostgreSQL does not answer; see {In("log")}.", ExitCode.Fault);
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
        var port = Port.ToString(CultureInfo.InvariantCulture);
        var line = AsOwner(Path.Combine(_programs, "postgres"),
        [
            "-D", In("rows"), "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={folder}", "-c", "max_connections=200",
            "-c", "logging_collector=on", "-c", $"log_directory={In("log")}",
        ]);
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
            await using var connection = new NpgsqlConnection($"{Text(Port)};Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellation);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // It refuses to run as root.
    private static string[] AsOwner(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program, .. arguments]
        : [program, .. arguments];

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
