using System.Globalization;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>One way through the ledger from its first entry to its last, page by page, with the tree growing beside it.</summary>
internal sealed class LedgerWalk
{
    private const int PageSize = 1000;

    private readonly ILedgerStore _store;
    private readonly ICheckpointStore _checkpoints;
    private readonly CheckpointKeys _keys;
    private readonly TileComparison _tiles;
    private readonly MerkleFrontier _tree;
    private readonly Queue<SignedNote> _signed = new();
    private LedgerEntry? _last;
    private Checkpoint? _next;

    public LedgerWalk(ILedgerStore store, ITileStore tiles, ICheckpointStore checkpoints, CheckpointKeys keys)
    {
        (_store, _checkpoints, _keys, _tiles) = (store, checkpoints, keys, new(tiles));
        _tree = new(_tiles.Add);
    }

    public LedgerVerification Found(string? difference) => new(difference is null, (long)_tree.Size, _last?.Hash, difference);

    /// <param name="kept">The checkpoint outside the database.</param>
    /// <returns>Where the first difference is, as a sentence; null where there is none.</returns>
    public async Task<string?> FindDifferenceAsync(Checkpoint? kept, CancellationToken cancellation)
    {
        _next = await NextAsync(0, cancellation);
        var reading = _store.ReadAsync(0, PageSize, cancellation);
        while (await reading is { IsEmpty: false } page)
        {
            // The next page is on its way while this one is computed.
            reading = _store.ReadAsync(page[^1].Index + 1, PageSize, cancellation);
            if (LedgerChain.Check(page, _last) is { } difference)
            {
                return difference;
            }
            foreach (var entry in page)
            {
                (_last, var leaf) = (entry, LedgerLeaf.HashOf(entry));
                _tree.Add(leaf);
                if (await CompareAsync(kept, cancellation) is { } other)
                {
                    return other;
                }
            }
            if (await _tiles.FindDifferenceAsync(atEnd: false, cancellation) is { } tile)
            {
                return tile;
            }
        }
        return await _tiles.FindDifferenceAsync(atEnd: true, cancellation);
    }

    /// <summary>Whether more was signed than there is now, as a sentence; null where not.</summary>
    public string? FindMissing(Checkpoint? signed) => signed is not null && signed.Size > _tree.Size
        ? string.Create(CultureInfo.InvariantCulture, $"The ledger was cut off: {signed.Size} entries were signed, and it has {_tree.Size}.")
        : null;

    private async Task<string?> CompareAsync(Checkpoint? kept, CancellationToken cancellation)
    {
        if (_next?.Size == _tree.Size)
        {
            if (!HasRoot(_next))
            {
                return Other(_next, "the database");
            }
            _next = await NextAsync(_next.Size, cancellation);
        }
        return kept?.Size == _tree.Size && !HasRoot(kept) ? Other(kept, "the checkpoint folder") : null;
    }

    private async Task<Checkpoint?> NextAsync(ulong size, CancellationToken cancellation)
    {
        if (_signed.Count == 0)
        {
            foreach (var note in await _checkpoints.ReadAsync(size, PageSize, cancellation))
            {
                _signed.Enqueue(note);
            }
        }
        return _signed.TryDequeue(out var next) ? _keys.ReadKept(next) : null;
    }

    private bool HasRoot(Checkpoint signed) => _tree.Root().AsSpan().SequenceEqual(signed.Root.AsSpan());

    private static string Other(Checkpoint signed, string where) => string.Create(CultureInfo.InvariantCulture,
        $"The first {signed.Size} entries of the ledger are not those that were signed: the checkpoint in {where} has another root.");
}
