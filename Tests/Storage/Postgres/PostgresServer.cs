using System.Diagnostics.CodeAnalysis;
using System.Globalization;

[assembly: AssemblyFixture(typeof(Maestro.Storage.Postgres.PostgresServer))]

namespace Maestro.Storage.Postgres;

/// <summary>The PostgreSQL that the tests of one run share; started by the first that asks, ended after the last.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Template = "template_maestro";
    private readonly SemaphoreSlim _starting = new(1);
    private PostgresProcess? _process;
    private int _databases;

    internal static async Task<PostgresServer> CurrentAsync() => (await TestContext.Current.GetFixture<PostgresServer>())!;

    /// <summary>The server; skips the calling test where PostgreSQL is not installed.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The fixture keeps it until the last test has ended.")]
    internal async Task<PostgresProcess> StartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            return _process ??= await MigratedAsync(await PostgresProcess.StartAsync());
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>The text of a fresh database of the caller's own.</summary>
    /// <param name="migrated">With the release's schema.</param>
    [SuppressMessage("Reliability", "CA2000", Justification = "The fixture keeps it until the last test has ended.")]
    internal async Task<string> CreateAsync(bool migrated = true)
    {
        var server = await StartedAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await server.ExecuteAsync($"CREATE DATABASE {name}{(migrated ? $" TEMPLATE {Template}" : "")}");
        return server.Text(name);
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    // Copying a database is faster than running every script for every test.
    private static async Task<PostgresProcess> MigratedAsync(PostgresProcess server)
    {
        await server.ExecuteAsync($"CREATE DATABASE {Template}");
        await using var source = new PostgresSource($"{server.Text(Template)};Pooling=false");
        await new PostgresSchema(TimeProvider.System).ApplyAsync(source, CancellationToken.None);
        return server;
    }
}
