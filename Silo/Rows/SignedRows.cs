using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Maestro.Rows;

/// <summary>What becomes of a row that does not count; null lets it count all the same.</summary>
internal delegate Reason? RowRule(Reason fault);

/// <summary>
/// The rows of grains, each signed by its role. What the database gives back counts only as what was written: not edited, not another grain's, and where
/// an older one would do harm not an older one, by the ledger's word. The row is written before the ledger is told, so a crash in between leaves a row
/// that is one ahead, and whoever reads it next tells.
/// </summary>
internal sealed partial class SignedRows(
    IGrainStorage inner, Serializer serializer, IActivatorProvider activators, RowLedger ledger, IKeyring keyring, RowRule rule, Refusals refusals,
    TimeProvider time, ILogger<SignedRows> logger) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (row, stored) = (StoredStates.NameOf(stateName, grainId), new GrainState<StoredRow>(new StoredRow()));
        await inner.ReadStateAsync(stateName, grainId, stored);
        var known = IsMarked<T>() ? await ledger.FindAsync(row) : null;
        var bytes = stored.RecordExists ? stored.State?.Bytes : null;
        var read = bytes is null ? null : StoredRow.Read(bytes);
        var fault = bytes is null ? RowSeal.FindGone(row, known)
            : read is var (seal, signature, content) ? FindFault(row, seal, signature, content, known, IsMarked<T>())
            : RowSeal.Because(row, "row.unsigned", "A row is signed by its role.", "a signed row", "one without a signature");
        if (fault is not null)
        {
            await CheckAsync(row, fault, bytes is null ? RowName.Nothing : RowName.DigestOf(bytes));
        }
        grainState.RecordExists = bytes is not null;
        grainState.State = bytes is null ? activators.GetActivator<T>().Create() : serializer.Deserialize<T>(read?.Content ?? bytes);
        grainState.ETag = (fault is null && read is { } one ? await TagAsync(row, one.Seal, stored.ETag, known)
            // Whatever is written after a row that a person accepted takes a number of its own.
            : new RowTag(stored.ETag, known?.Number ?? 0, known?.Index ?? -1, known is null ? "" : "accepted")).ToString();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (row, tag) = (StoredStates.NameOf(stateName, grainId), RowTag.Of(grainState.ETag));
        // Where something mattered before, that nothing does now is a change too.
        var mark = grainState.State is IMarkedRow { Mark: var matters } && (matters.Length > 0 || tag.Number > 0) ? RowName.DigestOf(matters) : "";
        var seal = tag.Next(mark, time.GetUtcNow());
        var content = serializer.SerializeToArray(grainState.State);
        var stored = new GrainState<StoredRow>
        {
            State = StoredRow.Of(seal, keyring.Sign(row.Role, seal.Encode(row, content)), content),
            ETag = tag.Version,
            RecordExists = tag.Version is not null,
        };
        await inner.WriteStateAsync(stateName, grainId, stored);
        var index = seal.Number == tag.Number ? tag.Ledger : (await TellAsync(row, seal)).Index;
        grainState.ETag = new RowTag(stored.ETag, seal.Number, index, seal.Mark).ToString();
        grainState.RecordExists = true;
    }

    /// <summary>No grain forgets what it stored.</summary>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        throw new NotSupportedException("Rows are not cleared: one that is not there could not be told from one that was taken away.");

    private static bool IsMarked<T>() => typeof(T).IsAssignableTo(typeof(IMarkedRow));

    private Reason? FindFault(RowName row, RowSeal seal, byte[] signature, byte[] content, RowStanding? known, bool isMarked)
    {
        if (keyring.SignerOf(row.Role, seal.Encode(row, content), signature) is not { } signer)
        {
            return RowSeal.Because(row, "row.signature", "A row is what its role signed.", $"the signature of {Principal.OfRole(row.Role)}", "another row");
        }
        // A thief of a key can date back what he signs, so of a revoked key only that counts which the ledger was told before.
        var isVouched = isMarked && known?.Number == seal.Number && known.Mark == seal.Mark;
        if (!signer.SignsAt(seal.At) || (signer.RevokedSince is not null && !isVouched))
        {
            return RowSeal.Because(row, "row.key", "A row is signed by a key that counts.", "a key that signed then", $"key {signer.Id} at {seal.At:u}");
        }
        return isMarked ? seal.FindFault(row, known) : null;
    }

    private async Task CheckAsync(RowName row, Reason fault, string digest)
    {
        if (rule(fault) is not { } kept || await ledger.IsAcceptedAsync(row, digest))
        {
            return;
        }
        var refusal = kept with { WayOut = $"{kept.WayOut} --digest {digest}" };
        LogRefused(row.ToString(), refusal.ToString());
        await refusals.NoteAsync(Principal.OfRole(row.Role), row.Key, "row.refused", refusal);
        throw new RefusedException(refusal);
    }

    private async Task<RowTag> TagAsync(RowName row, RowSeal seal, string? version, RowStanding? known)
    {
        var standing = seal.Number > 0 && seal.IsNext(known) ? await TellAsync(row, seal) : known;
        return new(version, seal.Number, standing?.Index ?? -1, seal.Mark);
    }

    // Of two rows with one number the ledger knows one: the other was written over a row that somebody had put back.
    private async Task<RowStanding> TellAsync(RowName row, RowSeal seal)
    {
        var standing = await ledger.TellAsync(row, seal);
        if (seal.FindFault(row, standing) is { } fault)
        {
            await CheckAsync(row, fault, RowName.Nothing);
        }
        return standing;
    }

    [LoggerMessage(LogLevel.Critical, "The row {Row} in the database is not what was written, and does not count: {Fault}")]
    private partial void LogRefused(string row, string fault);
}
