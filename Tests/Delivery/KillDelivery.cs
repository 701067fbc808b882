using System.Collections.Immutable;
using Maestro.Deployments;
using Microsoft.Data.Sqlite;

namespace Maestro.Delivery;

/// <summary>Watches a deployment's log from outside the silo, kills the silo at chosen moments, and starts it again.</summary>
internal sealed class KillDelivery : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);
    private static readonly ImmutableHashSet<Stage> Desks = [Stage.AllowRun, Stage.StagingPlanReview, Stage.Approval];
    private readonly TestDelivery _delivery;
    private readonly SqliteConnection _database;
    private readonly HashSet<string> _answered = [];
    private bool _connected = true;

    public KillDelivery(TestDelivery delivery)
    {
        _delivery = delivery;
        _database = new(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(delivery.Data, "maestro.db"),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false
        }.ToString());
        _database.Open();
    }

    /// <summary>How often the silo was killed.</summary>
    public int Kills { get; private set; }

    public KillLog Read(string deployment)
    {
        using var command = _database.CreateCommand();
        command.CommandText = "SELECT number, body FROM deployment_log WHERE deployment = $deployment ORDER BY number";
        command.Parameters.AddWithValue("$deployment", deployment);
        using var reader = command.ExecuteReader();
        var (numbers, entries) = (new List<int>(), new List<LogEntry>());
        while (reader.Read())
        {
            numbers.Add(reader.GetInt32(0));
            entries.Add(LogJson.Read(reader.GetFieldValue<byte[]>(1)));
        }
        return new(deployment, [.. numbers], [.. entries]);
    }

    /// <summary>Runs the deployment to its end and kills the silo at each moment, until the moment was really hit.</summary>
    /// <param name="moments">Taken out one by one: a moment counts only if it still is after the silo is dead.</param>
    public async Task<KillLog> RunAsync(string deployment, Dictionary<string, Func<KillLog, bool>> moments)
    {
        var started = TimeProvider.System.GetTimestamp();
        KillLog log;
        while (!(log = Read(deployment)).IsClosed)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"{deployment} did not end: {string.Join(' ', log.Entries.TakeLast(3))}");
            if (moments.Values.Any(isNow => isNow(log)))
            {
                await KillAsync(deployment, moments);
            }
            else if (log.InFlight is { Count: > 0 } stages && Desks.IsSupersetOf(stages))
            {
                await AnswerAsync(deployment);
            }
            await Task.Delay(Look, TimeProvider.System);
        }
        return log;
    }

    /// <summary>Connects the people's consoles if they are not.</summary>
    public async Task ConnectAsync()
    {
        if (!_connected)
        {
            await _delivery.ConnectAsync();
            _connected = true;
        }
    }

    public void Dispose() => _database.Dispose();

    private async Task KillAsync(string deployment, Dictionary<string, Func<KillLog, bool>> moments)
    {
        await _delivery.KillAsync();
        (Kills, _connected) = (Kills + 1, false);
        var left = Read(deployment);
        foreach (var (name, isNow) in moments.ToList())
        {
            if (isNow(left))
            {
                moments.Remove(name);
            }
        }
        await _delivery.StartSiloAsync();
    }

    private async Task AnswerAsync(string deployment)
    {
        await ConnectAsync();
        if (await _delivery.QuestionAsync(deployment) is { } request && _answered.Add(request.Nonce))
        {
            await _delivery.DecideAsync(request, approved: true);
        }
    }
}
