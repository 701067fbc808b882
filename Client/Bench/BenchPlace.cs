using System.Globalization;
using Maestro.Chaos;
using Maestro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Maestro.Bench;

/// <summary>Where benchmarks run: a throwaway folder, a PostgreSQL of its own that is started by the first that asks, and silos in this process.</summary>
/// <param name="each">How long one measurement takes.</param>
/// <param name="rounds">How often measurement and yardstick take turns.</param>
/// <param name="size">Scales how much is put into the database, 1 for what is asked.</param>
internal sealed class BenchPlace(TimeSpan each, int rounds, double size, TimeProvider time) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-bench-");
    private PrivatePostgres? _postgres;
    private int _databases;

    public TimeSpan Each => each;

    public int Rounds => rounds;

    public TimeProvider Time => time;

    /// <summary>So many, or fewer on a smaller scale.</summary>
    public int Sized(int count) => Math.Max(1, (int)(count * size));

    public string In(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The text of a fresh database with the release's schema.</summary>
    public async Task<string> DatabaseAsync(CancellationToken cancellation)
    {
        var server = await PostgresAsync(cancellation);
        var name = string.Create(CultureInfo.InvariantCulture, $"bench_{++_databases}");
        await ExecuteAsync(PrivatePostgres.Text(server.Port), $"CREATE DATABASE {name}", cancellation);
        var text = new NpgsqlConnectionStringBuilder(PrivatePostgres.Text(server.Port)) { Database = name }.ConnectionString;
        await DatabaseMigration.OfPostgresAsync(text, time, cancellation);
        return text;
    }

    public async Task<PrivatePostgres> PostgresAsync(CancellationToken cancellation)
    {
        if (_postgres is null)
        {
            File.SetUnixFileMode(_folder.FullName, File.GetUnixFileMode(_folder.FullName) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            _postgres = new(In("postgres"), time);
            await _postgres.CreateAsync(cancellation);
            await _postgres.MigrateAsync(cancellation);
        }
        return _postgres;
    }

    /// <summary>A silo in this process, with every part that <paramref name="replace"/> does not replace.</summary>
    /// <param name="database">A PostgreSQL database; null for SQLite in the silo's folder.</param>
    public Task<BenchSilo> SiloAsync(string name, string? database, Action<IServiceCollection> replace, WebhookSettings? webhooks = null) =>
        BenchSilo.StartAsync(In(name), database, replace, webhooks);

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "The benchmarks' own statements.")]
    public static async Task ExecuteAsync(string database, string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=false;Command Timeout=600");
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "The benchmarks' own statements.")]
    public static async Task<long> NumberAsync(string database, string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=false;Command Timeout=600");
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
        // PostgreSQL's last processes may still write.
        for (var left = 50; left > 0 && !TryDelete(); left--)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        }
    }

    private bool TryDelete()
    {
        try
        {
            _folder.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
