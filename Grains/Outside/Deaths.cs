using System.Collections.Concurrent;
using Maestro.Deployments;
using Maestro.Telemetry;

namespace Maestro.Outside;

/// <summary>Silos that died, as this silo learnt it: what was said to one may be lost, and how soon what it held goes on is measured.</summary>
public sealed class Deaths(TimeProvider time)
{
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Haste = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _died = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _leaving = new(StringComparer.Ordinal);

    private int _count;
    private long _lastAt = long.MinValue;

    /// <summary>How many ended since this silo began, however they did. Where it has changed, whoever waits for an answer asks again.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>
    /// Whether this silo heard within the last ten seconds that one ended, which it also does of old ones when it joins. Queues and grains are
    /// still moving then, so what is said may be lost, and what is lost is missed sooner.
    /// </summary>
    public bool InHaste => Volatile.Read(ref _lastAt) is var at && at != long.MinValue && time.GetElapsedTime(at) < Haste;

    /// <summary>Takes note of how a silo's standing changed. One that says goodbye before it ends is not lost.</summary>
    public void Note(SiloAddress silo, SiloStatus status)
    {
        var name = silo.ToString();
        if (status == SiloStatus.Dead)
        {
            Volatile.Write(ref _lastAt, time.GetTimestamp());
            Interlocked.Increment(ref _count);
        }
        if (status is SiloStatus.ShuttingDown or SiloStatus.Stopping)
        {
            _leaving.TryAdd(name, 0);
        }
        else if (status == SiloStatus.Dead && !_leaving.TryRemove(name, out _) && _died.TryAdd(name, time.GetUtcNow()))
        {
            Instruments.SilosLost.Add(1);
        }
    }

    /// <summary>Measures the recovery of a deployment whose entry of this number was written by a silo that died since, if it was.</summary>
    /// <param name="number">The last entry before those of this activation.</param>
    public async Task MeasureAsync(IDeploymentLog log, DeploymentId deployment, int number)
    {
        var now = time.GetUtcNow();
        foreach (var (silo, at) in _died)
        {
            if (at + Lately < now)
            {
                _died.TryRemove(silo, out _);
            }
        }
        if (_died.IsEmpty || number == 0)
        {
            return;
        }
        try
        {
            if ((await log.ReadAsync(deployment, number, 1, CancellationToken.None)) is [var last]
                && _died.TryGetValue(last.Writer.Split('/')[0], out var died))
            {
                Instruments.RecoveryDuration.Record((now - died).TotalSeconds);
            }
        }
        catch (OutsideException)
        {
            // A measurement is not worth a failure.
        }
    }
}
