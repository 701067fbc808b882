using Maestro.Audit;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Commands;

/// <summary>
/// Whose signature on a checkpoint this console believes: a key that was given, or that of the data folder's registry, which the root signed.
/// </summary>
internal static class LedgerKey
{
    /// <param name="given">A C2SP verifier key; null for the registry.</param>
    /// <exception cref="SentenceException">There is none to believe.</exception>
    public static NoteKey Find(string? given, string folder) => given is null
        ? OfFolder(Path.Combine(folder, "keys"))
        : NoteKey.Read(given) is { Kind: NoteKeyKind.Ed25519 } key
            ? key
            : throw new SentenceException("--key takes a ledger's key as maestro audit key prints it.", ExitCode.Usage);

    /// <summary>The checkpoint in a note; null where this key did not sign it.</summary>
    public static Checkpoint? Read(NoteKey key, SignedNote note) => Checkpoint.Read(
        note, key, (_, text, signature) => KeyFile.Verify(Convert.ToBase64String([.. key.PublicKey]), text, signature));

    private static NoteKey OfFolder(string keys)
    {
        try
        {
            var root = KeyRegistry.RootOf(keys);
            return KeyFolder.Read(keys, root).Of(Role.Ledger).FirstOrDefault() is { } found
                ? new(LedgerOrigin.Of(root).Name, NoteKeyKind.Ed25519, [.. Convert.FromBase64String(found.PublicKey)])
                : throw new SentenceException($"The registry in {keys} has no key of the ledger. Give one with --key.");
        }
        catch (OutsideException missing)
        {
            throw new SentenceException($"{missing.Message} Or give the ledger's key with --key.", missing);
        }
    }
}
