using System.Collections.Immutable;
using System.Text;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>Signs and cosigns checkpoints, and reads those that carry the ledger's own signature.</summary>
public sealed class CheckpointKeys(IKeyring keyring, LedgerOrigin origin)
{
    /// <summary>The last second that has a date.</summary>
    private const ulong LastSecond = 253402300799;

    /// <summary>The roles whose silos watch the ledger: all that have no part in writing it.</summary>
    public static ImmutableArray<Role> Witnesses { get; } =
        [Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Custody, Role.Gateway];

    /// <summary>Which ledger it is.</summary>
    public LedgerOrigin Origin => origin;

    /// <summary>The key that checkpoints are signed with.</summary>
    public NoteKey Ledger => new(origin.Name, NoteKeyKind.Ed25519, [.. keyring.PublicKeyOf(Role.Ledger)]);

    /// <summary>The key that a role's silos cosign with.</summary>
    public NoteKey WitnessOf(Role role) => new(origin.WitnessOf(role), NoteKeyKind.Cosignature, [.. keyring.PublicKeyOf(role)]);

    public SignedNote Sign(Checkpoint checkpoint) => new(
        checkpoint.Text, [new(Ledger.Name, Ledger.Id, [.. keyring.Sign(Role.Ledger, Encoding.UTF8.GetBytes(checkpoint.Text))])]);

    /// <summary>Says that this role has seen the checkpoint and that it follows from all that it had seen before.</summary>
    public NoteSignature Cosign(Role role, Checkpoint checkpoint, DateTimeOffset at)
    {
        var (key, seconds) = (WitnessOf(role), (ulong)at.ToUnixTimeSeconds());
        return new(key.Name, key.Id, Checkpoint.Cosignature(seconds, keyring.Sign(role, Checkpoint.CosignedText(seconds, checkpoint.Text))));
    }

    /// <summary>The checkpoint in a note. One that an earlier key signed goes on counting, unless that key was revoked.</summary>
    /// <exception cref="RefusedException">It is of another ledger, or the ledger did not sign it.</exception>
    public Checkpoint Read(SignedNote note) => Read(note, key => key.RevokedSince is null);

    /// <summary>
    /// The same for a note that was kept: it says what was seen then, also where its key was revoked since. What comes next must begin with it.
    /// </summary>
    /// <exception cref="RefusedException">It is of another ledger, or the ledger did not sign it.</exception>
    public Checkpoint ReadKept(SignedNote note) => Read(note, _ => true);

    private Checkpoint Read(SignedNote note, Func<RegisteredKey, bool> counts) =>
        keyring.KeysOf(Role.Ledger).Where(counts)
            .Select(key => Checkpoint.Read(note, new(origin.Name, NoteKeyKind.Ed25519, [.. Convert.FromBase64String(key.PublicKey)]), Verify))
            .FirstOrDefault(checkpoint => checkpoint is not null)
        ?? throw new RefusedException(new Reason(
            "ledger.checkpoint", "A checkpoint counts with the ledger's signature only.", $"a checkpoint of {origin.Name}", "another text",
            "Somebody changed it: compare with the checkpoints that are kept elsewhere."));

    /// <summary>A role's cosignature of the note as it is kept, by whichever of its keys made it; null where none did.</summary>
    public NoteSignature? CosignatureOf(Role role, SignedNote note, ImmutableArray<byte> signature) => keyring.KeysOf(role)
        .Select(key => CosignerOf(role, key)).Select(key => new NoteSignature(key.Name, key.Id, signature))
        .FirstOrDefault(line => CosignersOf(note with { Signatures = [line] })?.Contains(role) is true);

    /// <summary>Who has cosigned the note; null where a line names a witness and is not its signature.</summary>
    public ImmutableArray<Role>? CosignersOf(SignedNote note)
    {
        var keys = Witnesses.SelectMany(role => keyring.KeysOf(role).Select(key => (Key: CosignerOf(role, key), role)))
            .ToDictionary(one => one.Key, one => one.role);
        return note.SignedBy(keys.Keys, Verify)?.Select(key => keys[key]).Distinct().ToImmutableArray();
    }

    private NoteKey CosignerOf(Role role, RegisteredKey key) =>
        new(origin.WitnessOf(role), NoteKeyKind.Cosignature, [.. Convert.FromBase64String(key.PublicKey)]);

    private bool Verify(NoteKey key, byte[] text, byte[] signature)
    {
        if (key.Kind == NoteKeyKind.Ed25519)
        {
            return IsOf(key, keyring.SignerOf(Role.Ledger, text, signature)) is not null;
        }
        return Checkpoint.TryReadCosignature(signature, out var seconds, out var own)
            && seconds <= LastSecond
            && IsOf(key, keyring.SignerOf(Witnesses.First(role => origin.WitnessOf(role) == key.Name),
                Checkpoint.CosignedText(seconds, Encoding.UTF8.GetString(text)), own)) is { } signer
            && signer.SignsAt(DateTimeOffset.FromUnixTimeSeconds((long)seconds));
    }

    private static RegisteredKey? IsOf(NoteKey key, RegisteredKey? signer) =>
        signer is not null && key.PublicKey.AsSpan().SequenceEqual(Convert.FromBase64String(signer.PublicKey)) ? signer : null;
}
