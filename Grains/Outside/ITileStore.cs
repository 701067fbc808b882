using System.Collections.Immutable;
using Maestro.Audit;

namespace Maestro.Outside;

/// <summary>The complete tiles of the ledger's tree. They follow from its entries and are never changed.</summary>
public interface ITileStore
{
    /// <summary>How many tiles a level has; they are numbered from zero without a gap.</summary>
    Task<long> CountAsync(int level, CancellationToken cancellation);

    /// <summary>Those of these tiles that are stored, all at once: a proof needs a few, and each way to the database takes time.</summary>
    Task<ImmutableArray<Tile>> FindAsync(ImmutableArray<TilePlace> places, CancellationToken cancellation);

    /// <summary>The stored tiles of a level from a number on, in order.</summary>
    Task<ImmutableArray<Tile>> ReadAsync(int level, long first, int count, CancellationToken cancellation);

    /// <summary>The roots of tiles that follow one another.</summary>
    Task<ImmutableArray<byte[]>> ReadRootsAsync(int level, long first, int count, CancellationToken cancellation);

    /// <summary>Adds tiles, leaving out those that are stored.</summary>
    Task AddAsync(ImmutableArray<Tile> tiles, CancellationToken cancellation);
}
