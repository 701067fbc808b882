namespace Maestro.Chaos;

/// <summary>Carries faults out, and makes whole again what they broke.</summary>
internal sealed class Faults(DrillCluster cluster, DrillDatabase database, DrillSettings settings, TimeProvider time)
{
    private const int SlowBytesPerSecond = 40_000;
    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RouseFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RousePace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DeadWithin = TimeSpan.FromMinutes(3);

    // As the supervisor of infra/systemd does it: a successor that answers on the same port before the others noticed hides the death from them.
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(2);

    public async Task CarryAsync(Claim claim)
    {
        var victim = cluster.Silo(claim.Silo);
        switch (claim.Wish.Fault)
        {
            case Fault.Kill:
                await victim.KillAsync();
                break;
            case Fault.KillAll:
                await Task.WhenAll(cluster.Silos.Select(silo => silo.KillAsync()));
                break;
            case Fault.KillDatabase:
                await cluster.Postgres.KillAsync();
                break;
            case Fault.Terminate:
                _ = victim.TerminateAsync();
                break;
            case Fault.Stop:
                await StopAsync(claim, victim);
                break;
            case Fault.EndBackends:
                await database.TerminateBackendsAsync();
                break;
            case Fault.Cut:
                victim.Proxy.Cut();
                break;
            case Fault.Slow:
                _ = SlowAsync();
                break;
            case Fault.Rouse:
                _ = RouseAsync();
                break;
            case Fault.Roll:
                break;
        }
    }

    /// <summary>Starts again what was ended, and waits until the cluster is whole.</summary>
    public async Task MendAsync(Claim claim, CancellationToken cancellation)
    {
        if (claim.Wish.Fault == Fault.KillDatabase)
        {
            await cluster.Postgres.StartAsync(cancellation);
            claim.Accepting = time.GetTimestamp();
        }
        if (claim.Wish.Fault is Fault.Kill or Fault.KillAll)
        {
            await Task.Delay(RestartAfter, time, cancellation);
        }
        foreach (var silo in claim.Wish.Fault == Fault.Roll ? cluster.Silos : [])
        {
            await silo.TerminateAsync();
            await cluster.UntilWholeAsync(database, cancellation);
        }
        await cluster.UntilWholeAsync(database, cancellation);
    }

    // Until others have taken over, so that what it sends when it goes on is a dead silo's.
    private async Task StopAsync(Claim claim, DrillSilo victim)
    {
        victim.Signal(DrillSilo.Stop);
        var stopped = time.GetTimestamp();
        while (time.GetElapsedTime(stopped) < settings.StopFor
            || ((!await database.IsDeadAsync(victim.Name) || !claim.Resumed.Task.IsCompleted) && time.GetElapsedTime(stopped) < DeadWithin))
        {
            await Task.Delay(Look, time);
        }
        victim.Signal(DrillSilo.Continue);
    }

    private async Task SlowAsync()
    {
        Pace(SlowBytesPerSecond);
        await Task.Delay(SlowFor, time);
        Pace(0);
    }

    private async Task RouseAsync()
    {
        for (var begun = time.GetTimestamp(); time.GetElapsedTime(begun) < RouseFor;)
        {
            await database.RouseAsync();
            await Task.Delay(RousePace, time);
        }
    }

    private void Pace(int bytesPerSecond)
    {
        foreach (var silo in cluster.Silos)
        {
            silo.Proxy.BytesPerSecond = bytesPerSecond;
        }
    }
}
