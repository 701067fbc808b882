namespace Maestro.Edge;

/// <summary>
/// Where one environment's requests go, and how many are under way at each instance. The count is exact: once an instance was replaced
/// and its count has been read as zero, no request can reach it any more.
/// </summary>
internal sealed class Traffic
{
    private readonly Lock _gate = new();
    private readonly List<Destination> _replaced = [];
    private volatile Destination? _serving;

    /// <summary>The instance for one more request, counted until <see cref="Destination.Leave"/>; null where nothing is served.</summary>
    public Destination? Enter()
    {
        while (_serving is { } destination)
        {
            destination.Enter();
            if (ReferenceEquals(destination, _serving))
            {
                return destination;
            }
            // Replaced between the look and the count: whoever waits for zero may have read it already.
            destination.Leave();
        }
        return null;
    }

    public void SendTo(Destination? next)
    {
        lock (_gate)
        {
            var before = _serving;
            _serving = next;
            Interlocked.MemoryBarrier();
            if (before is not null)
            {
                _replaced.Add(before);
            }
            // What is kept is bounded by the requests that are open.
            _replaced.RemoveAll(destination => destination.InFlight == 0);
        }
    }

    /// <summary>Requests under way at the instances of this effect: replaced ones, and the serving one where it has that effect.</summary>
    public int InFlight(string effect)
    {
        lock (_gate)
        {
            var serving = _serving is { } now && now.Effect == effect ? now.InFlight : 0;
            return serving + _replaced.Where(destination => destination.Effect == effect).Sum(destination => destination.InFlight);
        }
    }
}

/// <summary>One instance at one address during one stretch of serving; never used twice, so that counts cannot mix.</summary>
internal sealed class Destination(string effect, Uri address)
{
    private int _inFlight;

    public string Effect { get; } = effect;

    public string Prefix { get; } = address.GetLeftPart(UriPartial.Authority);

    public int InFlight => Volatile.Read(ref _inFlight);

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);
}
