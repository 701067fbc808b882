using Maestro.Deployments;

namespace Maestro.Hosting;

/// <summary>
/// Wakes of deployments, each on its own: a bounded number at once, each with its own deadline, those that failed later and later, and those
/// that were woken longest ago first. So one that hangs or fails holds up nobody else.
/// </summary>
/// <param name="wake">Wakes one; may fail or hang.</param>
/// <param name="failed">Is told of every failure, and of the rest that follows it: until then the deployment need not be read as due.</param>
/// <param name="room">Is told when there is room again for those that were left over.</param>
/// <param name="deaths">How many silos died: what failed for a death has no reason to rest, see <see cref="Outside.Deaths.Count"/>.</param>
internal sealed class Wakes(
    Func<DeploymentId, Task> wake, Action<DeploymentId, Exception, TimeSpan> failed, Action room, Func<int> deaths, TimeProvider time)
{
    public const int AtOnce = 64;

    /// <summary>More than this many due deployments are never looked at together.</summary>
    public const int Most = 4096;

    public static readonly TimeSpan FirstRest = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan LongestWake = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<DeploymentId, Known> _known = [];
    private long _turn;
    private int _underWay;
    private bool _leftOver;
    private int _deaths;

    /// <summary>How long one wake is waited for.</summary>
    public TimeSpan Within { get; init; } = LongestWake;

    /// <summary>How many due deployments to read, so that some are among them that were not woken yet.</summary>
    public int Reach
    {
        get
        {
            lock (_gate)
            {
                return Math.Min(Most, _known.Count + AtOnce);
            }
        }
    }

    /// <summary>Begins to wake as many of these as there is room for, and waits for none.</summary>
    public void Begin(IReadOnlyCollection<DeploymentId> due)
    {
        foreach (var deployment in Choose(due))
        {
            _ = WakeAsync(deployment);
        }
    }

    private List<DeploymentId> Choose(IReadOnlyCollection<DeploymentId> due)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            EndRestsAfterDeath(now);
            var still = due.ToHashSet();
            // One that rests is not due for that time, and must rest longer if it fails again.
            var known = _known.Where(pair => !pair.Value.UnderWay && !still.Contains(pair.Key));
            foreach (var gone in known.Where(pair => pair.Value.RestsUntil + LongestRest < now || pair.Value.Rest == TimeSpan.Zero)
                .Select(pair => pair.Key).ToList())
            {
                _known.Remove(gone);
            }
            var ready = due.Where(deployment => !_known.TryGetValue(deployment, out var at) || (!at.UnderWay && at.RestsUntil <= now)).ToList();
            var chosen = ready.OrderBy(deployment => _known.GetValueOrDefault(deployment)?.Turn ?? 0).Take(AtOnce - _underWay).ToList();
            foreach (var deployment in chosen)
            {
                var next = _known.TryGetValue(deployment, out var before) ? before : _known[deployment] = new();
                (next.UnderWay, next.Turn) = (true, ++_turn);
            }
            _underWay += chosen.Count;
            _leftOver = ready.Count > chosen.Count;
            return chosen;
        }
    }

    private void EndRestsAfterDeath(DateTimeOffset now)
    {
        if (deaths() is var count && count != _deaths)
        {
            _deaths = count;
            foreach (var known in _known.Values)
            {
                (known.Rest, known.RestsUntil) = (TimeSpan.Zero, now);
            }
        }
    }

    private async Task WakeAsync(DeploymentId deployment)
    {
        Exception? failure = null;
        var before = deaths();
        try
        {
            await wake(deployment).WaitAsync(Within, time);
        }
#pragma warning disable CA1031 // One deployment that fails must not keep the others asleep; it is tried again after a rest.
        catch (Exception caught)
#pragma warning restore CA1031
        {
            failure = caught;
        }
        var died = failure is not null && deaths() != before;
        var (leftOver, rest) = End(deployment, failure is not null && !died);
        if (leftOver || died)
        {
            room();
        }
        if (failure is not null)
        {
            failed(deployment, failure, rest);
        }
    }

    private (bool LeftOver, TimeSpan RestsFor) End(DeploymentId deployment, bool failed)
    {
        lock (_gate)
        {
            var known = _known[deployment];
            _underWay--;
            known.UnderWay = false;
            known.Rest = failed ? Longer(known.Rest) : TimeSpan.Zero;
            known.RestsUntil = time.GetUtcNow() + known.Rest;
            return (_leftOver, known.Rest);
        }
    }

    private static TimeSpan Longer(TimeSpan rest) => rest == TimeSpan.Zero ? FirstRest : rest * 2 < LongestRest ? rest * 2 : LongestRest;

    private sealed class Known
    {
        public bool UnderWay { get; set; }

        public long Turn { get; set; }

        public TimeSpan Rest { get; set; }

        public DateTimeOffset RestsUntil { get; set; }
    }
}
