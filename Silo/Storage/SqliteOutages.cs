using System.Collections.Immutable;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>
/// Outages in SQLite. What is known is empty until the first sign of life, so a silo gives one before it decides anything.
/// </summary>
internal sealed class SqliteOutages(SqliteSource source, TimeProvider time) : IOutages
{
    private const int Remembered = 100;
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(5);
    private ImmutableArray<Outage> _known = [];

    public ImmutableArray<Outage> Known => _known;

    public async Task BeatAsync(CancellationToken cancellation)
    {
        var known = await source.RunAsync(Beat, cancellation);
        ImmutableInterlocked.InterlockedExchange(ref _known, known);
    }

    public async Task LookAsync(CancellationToken cancellation)
    {
        var known = await source.RunAsync(Look, cancellation);
        ImmutableInterlocked.InterlockedExchange(ref _known, known);
    }

    private static ImmutableArray<Outage> Look(SqliteConnection connection) =>
        connection.Select("SELECT from_at, to_at FROM outages ORDER BY id", row => new Outage(Time(row, 0), Time(row, 1)));

    private ImmutableArray<Outage> Beat(SqliteConnection connection)
    {
        connection.Immediately(() =>
        {
            var now = time.GetUtcNow();
            if (LastBeat(connection) is { } last && now - last > Gap)
            {
                connection.Execute(
                    "INSERT INTO outages (from_at, to_at) VALUES ($from, $to)", ("$from", last.ToText()), ("$to", now.ToText()));
                connection.Execute(
                    "DELETE FROM outages WHERE id NOT IN (SELECT id FROM outages ORDER BY id DESC LIMIT $count)", ("$count", Remembered));
            }
            // A clock that went back must not make the next beat look like one after an outage.
            connection.Execute(
                "INSERT INTO signs_of_life (one, at) VALUES (1, $at) ON CONFLICT (one) DO UPDATE SET at = MAX(at, excluded.at)",
                ("$at", now.ToText()));
            return true;
        });
        return Look(connection);
    }

    private static DateTimeOffset? LastBeat(SqliteConnection connection)
    {
        var beats = connection.Select("SELECT at FROM signs_of_life", row => Time(row, 0));
        return beats.IsEmpty ? null : beats[0];
    }

    private static DateTimeOffset Time(SqliteDataReader row, int column)
    {
        try
        {
            return StoredTime.Parse(row.GetString(column));
        }
        catch (FormatException failure)
        {
            throw StorageFailure.Damaged("A sign of life cannot be read.", failure);
        }
    }
}
