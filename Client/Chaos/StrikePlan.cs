using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Maestro.Chaos;

/// <summary>Which faults are dealt, in an order that the seed chooses, and which cells still want one.</summary>
internal sealed class StrikePlan
{
    private const int KillsBetween = 6;
    private static readonly ImmutableArray<Fault> Others = [Fault.Terminate, Fault.Stop, Fault.EndBackends, Fault.Cut, Fault.Slow];
    private readonly ImmutableArray<Cell> _order;
    private readonly Queue<Fault> _faults;
    private readonly HashSet<Cell> _wanted;

    [SuppressMessage("Security", "CA5394", Justification = "A drill must be repeatable from its seed.")]
    public StrikePlan(DrillSettings settings)
    {
        var chance = new Random(settings.Seed);
        var kills = Enumerable.Range(0, settings.Kills).Select(number => (number % 10) switch { 4 => Fault.KillAll, 8 => Fault.KillDatabase, _ => Fault.Kill })
            .ToArray();
        chance.Shuffle(kills);
        var others = settings.Others ? Others.ToArray() : [];
        chance.Shuffle(others);
        _faults = new(kills.Chunk(KillsBetween).SelectMany((chunk, number) => others.Length > 0 ? chunk.Append(others[number % others.Length]) : chunk));
        var cells = Cell.All.ToArray();
        chance.Shuffle(cells);
        // The way back is rare, so it is asked for first.
        _order = [.. cells.OrderBy(cell => !cell.Work.StartsWith("undo", StringComparison.Ordinal))];
        var silos = kills.Count(kill => kill != Fault.KillDatabase);
        _wanted = [.. _order.Take(silos)];
        Planned = [.. _wanted];
    }

    /// <summary>The cells that a complete run of this plan hits.</summary>
    public ImmutableArray<Cell> Planned { get; }

    /// <summary>The next fault; null where all are dealt.</summary>
    public Wish? Next() => _faults.TryDequeue(out var fault)
        ? new(fault, fault is Fault.Kill or Fault.KillAll ? [.. _wanted]
            : fault is Fault.Stop ? [.. Cell.All.Where(cell => cell.Moment == Moment.BeforeAppend && Enum.TryParse<Deployments.Stage>(cell.Work, out _))]
            : [])
        : null;

    /// <summary>Keeps what came of a fault. A cell that was not really hit, or a kill that never came, is asked for again.</summary>
    public void Note(Wish wish, Strike? strike)
    {
        if (strike is { Hit: true } && wish.Fault is Fault.Kill or Fault.KillAll)
        {
            _wanted.Remove(new(strike.Work, strike.Moment));
            if (_wanted.Count == 0)
            {
                _wanted.UnionWith(_order);
            }
        }
        if (wish.IsKill && strike is null or { Hit: false })
        {
            _faults.Enqueue(wish.Fault);
        }
    }
}
