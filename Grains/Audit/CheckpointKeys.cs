using System.Collections.Immutable;
using System.Text;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>Signs and cosigns checkpoints, and reads those that carry the ledger's own signature.</summary>
public sealed class CheckpointKeys(IKeyring keyring, LedgerOrigin origin)
{
    /// <summary>The roles whose silos watch the ledger: all that have no part in writing it.</summary>
    public static ImmutableArray<Role> Witnesses { get; } =
        [Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Custody, Role.Gateway];

    /// <summary>Which ledger it is.</summary>
    public LedgerOrigin Origin => origin;

    /// <summary>The key that checkpoints are signed with.</summary>
    public NoteKey Ledger { get; } = new(origin.Name, NoteKeyKind.Ed25519, [.. keyring.PublicKeyOf(Role.Ledger)]);

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

    /// <summary>The checkpoint in a note.</summary>
    /// <exception cref="RefusedException">It is of another ledger, or the ledger did not sign it.</exception>
    public Checkpoint Read(SignedNote note) =>
        Checkpoint.Read(note, Ledger, Verify)
            ?? throw new RefusedException(new Reason(
                "ledger.checkpoint", "A checkpoint counts with the ledger's signature only.", $"a checkpoint of {origin.Name}", "another text",
                "Somebody changed it: compare with the checkpoints that are kept elsewhere."));

    /// <summary>Who has cosigned the note; null where a line names a witness and is not its signature.</summary>
    public ImmutableArray<Role>? CosignersOf(SignedNote note)
    {
        var keys = Witnesses.ToDictionary(WitnessOf, role => role);
        return note.SignedBy(keys.Keys, Verify)?.Select(key => keys[key]).ToImmutableArray();
    }

    private bool Verify(NoteKey key, byte[] text, byte[] signature)
    {
        if (key.Kind == NoteKeyKind.Ed25519)
        {
            return keyring.Verify(Role.Ledger, text, signature);
        }
        return Checkpoint.TryReadCosignature(signature, out var seconds, out var own) && keyring.Verify(
            Witnesses.First(role => origin.WitnessOf(role) == key.Name), Checkpoint.CosignedText(seconds, Encoding.UTF8.GetString(text)), own);
    }
}
