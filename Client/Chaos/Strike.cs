using System.Collections.Immutable;

namespace Maestro.Chaos;

/// <summary>What the drill does to the cluster.</summary>
internal enum Fault
{
    /// <summary>kill -9 of the silo that owns the work.</summary>
    Kill,

    /// <summary>kill -9 of all silos at once.</summary>
    KillAll,

    /// <summary>kill -9 of PostgreSQL, and a new start.</summary>
    KillDatabase,

    /// <summary>SIGTERM of the silo that owns the work.</summary>
    Terminate,

    /// <summary>SIGSTOP of the silo that owns the work, until it was declared dead and longer, then SIGCONT; the entry it was sending is sent then.</summary>
    Stop,

    /// <summary>Every connection of the silos is ended by the database.</summary>
    EndBackends,

    /// <summary>Every connection of the owner to the database is cut.</summary>
    Cut,

    /// <summary>The silos' writes pass slowly for some seconds.</summary>
    Slow,
}

/// <summary>A fault that is wanted: at one of some cells, or at whatever stage comes next.</summary>
/// <param name="At">The cells that are still wanted; empty where any stage will do.</param>
internal sealed record Wish(Fault Fault, ImmutableHashSet<Cell> At)
{
    public bool IsKill => Fault is Fault.Kill or Fault.KillAll or Fault.KillDatabase;

    public bool Fits(Cell cell) => At.IsEmpty || At.Contains(cell);
}

/// <summary>A fault that happened.</summary>
/// <param name="Hit">The moment was really hit, as the log showed afterwards.</param>
/// <param name="Recovery">From the fault to the next entry of the deployment by another silo; null where there was none.</param>
/// <param name="Since">Of the database: from accepting connections to the next entry of any deployment.</param>
internal sealed record Strike(
    int Number, Fault Fault, string Victim, string Deployment, string Work, Moment Moment, bool Hit, double? Recovery = null, double? Since = null)
{
    public bool IsKill => Fault is Fault.Kill or Fault.KillAll or Fault.KillDatabase;
}
