using System.Collections.Immutable;
using Maestro.Outside;
using Maestro.Storage.Postgres;

namespace Maestro.Chaos;

/// <summary>The drill's own look at the database, past the silos and their proxies. It waits where the database is down.</summary>
internal sealed class DrillDatabase(PrivatePostgres postgres, TimeProvider time) : IAsyncDisposable
{
    private const int Dead = 6;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly PostgresSource _source = new($"{PrivatePostgres.Text(postgres.Port)};Application Name=drill");

    /// <summary>Whether exactly this entry is in the log.</summary>
    public async Task<bool> HasAsync(SentEntry entry) => (await SelectAsync(
        "SELECT 1 FROM deployment_log WHERE deployment = $1 AND body = $2", row => row.GetInt32(0), entry.Deployment, entry.Body)).Length > 0;

    /// <summary>How the deployments stand, by their ids.</summary>
    public async Task<ImmutableDictionary<string, string>> StatusesAsync() => (await SelectAsync(
        "SELECT deployment, status FROM deployment_head", row => (row.GetString(0), row.GetString(1)))).ToImmutableDictionary(row => row.Item1, row => row.Item2);

    /// <summary>Whether the cluster has given up the silo that started last under this name.</summary>
    public async Task<bool> IsDeadAsync(string silo) => (await SelectAsync(
        "SELECT status FROM OrleansMembershipTable WHERE siloname = $1 ORDER BY generation DESC LIMIT 1", row => row.GetInt32(0), silo)) is [Dead];

    /// <summary>How many silos the cluster takes for alive.</summary>
    public async Task<int> ActiveAsync() =>
        (await SelectAsync("SELECT count(*)::int FROM OrleansMembershipTable WHERE status = 3", row => row.GetInt32(0)))[0];

    /// <summary>Ends every other connection to the database from its side, as an administrator or a failing backend would.</summary>
    public Task TerminateBackendsAsync() => SelectAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'maestro'", row => row.GetBoolean(0));

    public async Task<ImmutableArray<T>> SelectAsync<T>(string text, Func<System.Data.Common.DbDataReader, T> row, params object?[] values)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await _source.SelectAsync(text, row, CancellationToken.None, values);
            }
            catch (OutsideException) when (time.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Pace, time);
            }
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
