using System.Collections.Concurrent;
using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>
/// Shows the newest checkpoint to every outside witness. What a witness has seen is its own word: nothing has to be remembered here, so a database
/// and a disk that are put back together are found out all the same.
/// </summary>
public sealed class OutsideWitnesses(IEnumerable<IOutsideWitness> witnesses, OutsideKeys keys, CheckpointKeys ledger, TimeProvider time)
{
    /// <summary>How old a cosignature may be that lets production be touched.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private const int Rounds = 4;

    private readonly ImmutableArray<IOutsideWitness> _witnesses = [.. witnesses];
    private readonly ConcurrentDictionary<string, ulong> _seen = new(StringComparer.Ordinal);

    /// <summary>Whether anybody watches from outside.</summary>
    public bool Any => !_witnesses.IsEmpty;

    /// <summary>Asks all of them at once.</summary>
    public async Task<ImmutableArray<Sighting>> AskAsync(ICheckpointGrain checkpoints, CancellationToken cancellation) =>
        [.. await Task.WhenAll(_witnesses.Select(witness => AskAsync(witness, checkpoints, cancellation)))];

    /// <summary>Why the ledger must not be relied on as it is now; null where enough of them have just seen it, and none has seen another one.</summary>
    /// <exception cref="OutsideException"><c>ledger.unwitnessed</c>: too few of them have just seen it.</exception>
    public async Task<Reason?> FindFaultAsync(ICheckpointGrain checkpoints, CancellationToken cancellation)
    {
        var sightings = await AskAsync(checkpoints, cancellation);
        if (sightings.FirstOrDefault(sighting => sighting.Alarm is not null) is { } other)
        {
            return other.Alarm;
        }
        var fresh = sightings.Count(sighting => sighting.At is { } at && (time.GetUtcNow() - at).Duration() <= Fresh);
        return fresh >= keys.Required ? null : throw new OutsideException(new Reason(
            "ledger.unwitnessed", "Production is touched only while outside witnesses see the ledger grow.",
            $"{keys.Required} that have cosigned the newest checkpoint within a minute",
            $"{fresh}{string.Concat(sightings.Where(sighting => sighting.Away is not null).Select(sighting => $"; {sighting.Witness}: {sighting.Away}"))}",
            "Use maestro retry once they answer again. An operator decides with --require-witness how many there must be."));
    }

    private async Task<Sighting> AskAsync(IOutsideWitness witness, ICheckpointGrain checkpoints, CancellationToken cancellation)
    {
        var name = witness.Key.Name;
        try
        {
            return await ShowAsync(witness, checkpoints, cancellation);
        }
        catch (OutsideException away)
        {
            return new(name, 0, null, Away: away.Reason.Found);
        }
        catch (RefusedException refused)
        {
            return new(name, 0, null, Alarm: refused.Reason);
        }
    }

    private async Task<Sighting> ShowAsync(IOutsideWitness witness, ICheckpointGrain checkpoints, CancellationToken cancellation)
    {
        var name = witness.Key.Name;
        for (var round = 0; round < Rounds; round++)
        {
            var seen = _seen.GetValueOrDefault(name);
            if (await checkpoints.GrowthAsync((long)seen) is not { } growth)
            {
                return new(name, 0, null, seen == 0 ? null : RolledBack(witness, seen, 0));
            }
            var whole = SignedNote.Of(growth.Note);
            var newest = ledger.Read(whole);
            if (newest.Size < seen)
            {
                return new(name, newest.Size, null, RolledBack(witness, seen, newest.Size));
            }
            // Other cosigners' lines are none of its business.
            var note = whole with { Signatures = [.. whole.Signatures.Where(line => line.Name == ledger.Ledger.Name && line.KeyId == ledger.Ledger.Id)] };
            var answer = await witness.AddAsync(seen, growth.Proof, note, cancellation);
            if (answer is WitnessAnswer.Cosigned cosigned)
            {
                return await TakeAsync(witness, checkpoints, newest, cosigned.Lines);
            }
            if (Judge(witness, seen, newest, answer) is { } sighting)
            {
                return sighting;
            }
        }
        return new(name, 0, null, Away: "it was shown other checkpoints meanwhile");
    }

    // Null where it has seen another checkpoint last than was thought, and is to be asked from there.
    private Sighting? Judge(IOutsideWitness witness, ulong seen, Checkpoint newest, WitnessAnswer answer)
    {
        var name = witness.Key.Name;
        switch (answer)
        {
            case WitnessAnswer.HasSeen same when same.Size == seen && seen == newest.Size:
                return new(name, newest.Size, null, Forked(witness, seen));
            case WitnessAnswer.Unproved when seen > 0:
                return new(name, newest.Size, null, Forked(witness, seen));
            case WitnessAnswer.HasSeen other when other.Size != seen && other.Size <= long.MaxValue:
                _seen[name] = other.Size;
                return null;
            case WitnessAnswer.Unknown unknown:
                return new(name, newest.Size, null, Away: $"it does not witness this ledger (status {unknown.Status}); give it the key: maestro audit key");
            default:
                return new(name, newest.Size, null, Away: "it contradicts itself");
        }
    }

    private async Task<Sighting> TakeAsync(IOutsideWitness witness, ICheckpointGrain checkpoints, Checkpoint newest, ImmutableArray<NoteSignature> lines)
    {
        foreach (var line in lines)
        {
            if (keys.TimeOf(witness.Key, line, newest.Text) is not { } at)
            {
                continue;
            }
            _seen[witness.Key.Name] = newest.Size;
            await checkpoints.CosignOutsideAsync((long)newest.Size, line.Name, line.Signature);
            return new(witness.Key.Name, newest.Size, at);
        }
        return new(witness.Key.Name, newest.Size, null, Away: "its answer is not signed with its key");
    }

    private Reason RolledBack(IOutsideWitness witness, ulong seen, ulong found) =>
        Fault(witness, "ledger.rolled-back", $"at least {seen} entries, which {witness.Key.Name} has seen", $"{found}");

    private Reason Forked(IOutsideWitness witness, ulong seen) =>
        Fault(witness, "ledger.forked", $"a ledger that begins with the {seen} entries that {witness.Key.Name} has seen", "one that does not");

    private Reason Fault(IOutsideWitness witness, string code, string expected, string found)
    {
        // The next time it says again what it has seen: a witness that erred, and was corrected, is believed.
        _seen.TryRemove(witness.Key.Name, out _);
        return new(code, "A ledger only grows, and everybody is shown the same one.", expected, found, WayOut);
    }

    private const string WayOut =
        "Nothing is released until it is found out who changed it: use maestro audit verify, and compare with the checkpoints kept elsewhere.";
}

/// <summary>What came of showing a checkpoint to an outside witness.</summary>
/// <param name="Size">How many entries the checkpoint covers.</param>
/// <param name="At">When it cosigned, by its clock; null where it did not.</param>
/// <param name="Alarm">It has seen another ledger.</param>
/// <param name="Away">Why it did not cosign, where that says nothing of the ledger.</param>
public sealed record Sighting(string Witness, ulong Size, DateTimeOffset? At, Reason? Alarm = null, string? Away = null);
