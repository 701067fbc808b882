using System.Collections.Immutable;

namespace Maestro.Outside;

/// <summary>Stretches of time in which no silo was there to ask anybody.</summary>
public interface IOutages
{
    /// <summary>The outages that are remembered, oldest first, at most 100.</summary>
    ImmutableArray<Outage> Known { get; }

    /// <summary>Says that this silo, which may ask, is alive now; a gap since the last sign of life of any silo becomes an outage.</summary>
    Task BeatAsync(CancellationToken cancellation);

    /// <summary>Reads what is known, and says nothing of this silo.</summary>
    Task LookAsync(CancellationToken cancellation);
}

public sealed record Outage(DateTimeOffset From, DateTimeOffset To);
