using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Audit;

/// <inheritdoc cref="ICheckpointGrain"/>
[ActsAs(Role.Ledger), GrainType("checkpoint")]
internal sealed class CheckpointGrain(
    ILedgerStore ledger, ITileStore tiles, ICheckpointStore checkpoints, ICheckpointCopy copy, CheckpointKeys keys, OutsideKeys outside,
    TimeProvider time)
    : Grain, ICheckpointGrain
{
    private readonly LedgerTree _tree = new(ledger, tiles);
    private readonly Dictionary<string, OutsideCosignature> _outside = new(StringComparer.Ordinal);

    public async Task<string?> SignAsync()
    {
        var newest = await checkpoints.FindNewestAsync(CancellationToken.None);
        var size = (ulong)((await ledger.ReadLastAsync(CancellationToken.None))?.Index + 1 ?? 0);
        var signed = newest is null ? null : keys.ReadKept(newest);
        var next = signed?.Size == size ? signed : await ReadTreeAsync(size);
        await CheckAsync(signed, next);
        var held = copy.Find();
        await CheckAsync(held is null ? null : keys.ReadKept(held), next);
        if (size == 0)
        {
            return null;
        }
        if (next != signed)
        {
            newest = keys.Sign(next);
            // Whoever lost against another activation has signed the same: the rows are.
            await checkpoints.AddAsync(next, newest, time.GetUtcNow(), CancellationToken.None);
        }
        // Also where another activation signed it and died before it was copied.
        if (held?.ToString() != newest!.ToString())
        {
            copy.Keep(newest);
        }
        return newest.ToString();
    }

    public async Task<CheckpointGrowth?> GrowthAsync(long size)
    {
        if (await checkpoints.FindNewestAsync(CancellationToken.None) is not { } newest)
        {
            return null;
        }
        var (from, to) = ((ulong)Math.Max(0, size), keys.ReadKept(newest).Size);
        return new(newest.ToString(), from > 0 && from < to ? await _tree.ProveBeginningAsync(from, to, CancellationToken.None) : []);
    }

    public async Task CosignAsync(long size, ImmutableArray<byte> signature)
    {
        var role = Principal.RoleOf(Caller.Current!.Principal) ?? throw Unsigned("a person");
        var note = size > 0 ? await checkpoints.FindBeyondAsync((ulong)size - 1, CancellationToken.None) : null;
        if (note is null || keys.ReadKept(note).Size != (ulong)size)
        {
            throw Unsigned("no such checkpoint");
        }
        var cosignature = keys.CosignatureOf(role, note, signature) ?? throw Unsigned("another signature");
        await checkpoints.AddAsync((ulong)size, cosignature, CancellationToken.None);
    }

    public async Task CosignOutsideAsync(long size, string witness, ImmutableArray<byte> signature)
    {
        if (outside.Keys.FirstOrDefault(known => known.Name == witness) is not { } key || size < 1
            || await checkpoints.FindBeyondAsync((ulong)size - 1, CancellationToken.None) is not { } note || keys.ReadKept(note).Size != (ulong)size)
        {
            return;
        }
        var line = new NoteSignature(key.Name, key.Id, signature);
        if (outside.TimeOf(key, line, note.Text) is { } at)
        {
            await checkpoints.AddAsync((ulong)size, line, CancellationToken.None);
            _outside[witness] = new(witness, size, at);
        }
    }

    public Task<ImmutableArray<OutsideCosignature>> OutsideAsync() => Task.FromResult(
        outside.Keys.Select(key => _outside.GetValueOrDefault(key.Name) ?? new(key.Name, 0, null)).ToImmutableArray());

    public async Task<string?> ProveAsync(long index)
    {
        if (index < 0)
        {
            return null;
        }
        var covering = checkpoints.FindBeyondAsync((ulong)index, CancellationToken.None);
        if (await ledger.ReadAsync(index, 1, CancellationToken.None) is not [{ } entry] || entry.Index != index)
        {
            await covering;
            return null;
        }
        var note = await covering;
        if (note is null)
        {
            await SignAsync();
            note = await checkpoints.FindBeyondAsync((ulong)index, CancellationToken.None);
        }
        return note is null ? null : new TlogProof(
            (ulong)index, await _tree.ProveAsync((ulong)index, keys.ReadKept(note).Size, CancellationToken.None), note, [.. LedgerLeaf.Of(entry)]).ToString();
    }

    private async Task<Checkpoint> ReadTreeAsync(ulong size)
    {
        await _tree.GrowAsync(size, CancellationToken.None);
        return new(keys.Origin.Name, size, [.. await _tree.RootAsync(size, CancellationToken.None)]);
    }

    private async Task CheckAsync(Checkpoint? last, Checkpoint next)
    {
        if (last is null || last == next)
        {
            return;
        }
        var proof = last.Size >= next.Size ? [] : await _tree.ProveBeginningAsync(last.Size, next.Size, CancellationToken.None);
        if (last.FindFault(next, proof) is { } fault)
        {
            throw new RefusedException(fault);
        }
    }

    private static RefusedException Unsigned(string found) => new(new Reason(
        "ledger.cosignature", "A witness cosigns a checkpoint that there is, with its own key.", "its role's signature over that checkpoint", found,
        "It cosigns again by itself; where it goes on, compare the keys: maestro doctor."));
}
