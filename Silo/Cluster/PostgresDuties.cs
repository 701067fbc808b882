using System.Collections.Concurrent;
using Maestro.Outside;
using Maestro.Storage.Postgres;

namespace Maestro.Cluster;

/// <summary>What one silo at a time does for all. It saves work and is no lock: whatever is done under it is safe when two do it.</summary>
internal interface IDuties
{
    /// <summary>Whether it is this silo's now; asked about once a second.</summary>
    /// <exception cref="OutsideException">Nobody could say.</exception>
    Task<bool> HoldsAsync(string duty, CancellationToken cancellation);
}

/// <summary>The only silo has every duty.</summary>
internal sealed class OnlySilo : IDuties
{
    public Task<bool> HoldsAsync(string duty, CancellationToken cancellation) => Task.FromResult(true);
}

/// <summary>Duties as leases of six seconds in the database, by its clock, renewed when half of that is over.</summary>
internal sealed class PostgresDuties(PostgresSource source, ILocalSiloDetails silo, TimeProvider time) : IDuties
{
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<string, long> _renewed = new(StringComparer.Ordinal);

    public async Task<bool> HoldsAsync(string duty, CancellationToken cancellation)
    {
        if (_renewed.TryGetValue(duty, out var last) && time.GetElapsedTime(last) < Half)
        {
            return true;
        }
        var asked = time.GetTimestamp();
        var held = await source.ExecuteAsync(
            """
            INSERT INTO duty (name, holder, until) VALUES ($1, $2, clock_timestamp() + interval '6 seconds')
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
            WHERE duty.holder = excluded.holder OR duty.until < clock_timestamp()
            """,
            cancellation, duty, silo.SiloAddress.ToParsableString()) == 1;
        if (held)
        {
            _renewed[duty] = asked;
        }
        else
        {
            _renewed.TryRemove(duty, out _);
        }
        return held;
    }
}
