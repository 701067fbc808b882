using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>The control taken away: there are no tiles to look at.</summary>
internal sealed class NoTiles : ITileStore
{
    public Task<long> CountAsync(int level, CancellationToken cancellation) => Task.FromResult(0L);

    public Task<ImmutableArray<Tile>> FindAsync(ImmutableArray<TilePlace> places, CancellationToken cancellation) =>
        Task.FromResult(ImmutableArray<Tile>.Empty);

    public Task<ImmutableArray<Tile>> ReadAsync(int level, long first, int count, CancellationToken cancellation) =>
        Task.FromResult(ImmutableArray<Tile>.Empty);

    public Task<ImmutableArray<byte[]>> ReadRootsAsync(int level, long first, int count, CancellationToken cancellation) =>
        Task.FromResult(ImmutableArray<byte[]>.Empty);

    public Task AddAsync(ImmutableArray<Tile> tiles, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>Counts how often tiles are asked for.</summary>
internal sealed class CountedTiles(ITileStore inner) : ITileStore
{
    private int _asked;

    public int Asked
    {
        get => _asked;
        set => _asked = value;
    }

    public Task<long> CountAsync(int level, CancellationToken cancellation) => inner.CountAsync(level, cancellation);

    public Task<ImmutableArray<Tile>> FindAsync(ImmutableArray<TilePlace> places, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        return inner.FindAsync(places, cancellation);
    }

    public Task<ImmutableArray<Tile>> ReadAsync(int level, long first, int count, CancellationToken cancellation) =>
        inner.ReadAsync(level, first, count, cancellation);

    public Task<ImmutableArray<byte[]>> ReadRootsAsync(int level, long first, int count, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        return inner.ReadRootsAsync(level, first, count, cancellation);
    }

    public Task AddAsync(ImmutableArray<Tile> tiles, CancellationToken cancellation) => inner.AddAsync(tiles, cancellation);
}
