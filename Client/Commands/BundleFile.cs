using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Connection;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Commands;

/// <summary>A bundle and a root key from anywhere: whatever is wrong with them ends in one sentence.</summary>
internal static class BundleFile
{
    private const int LongestKey = 1024;

    /// <summary>The root's public key in base64.</summary>
    /// <param name="given">A file; null for that of the data folder.</param>
    /// <exception cref="SentenceException">There is none to believe.</exception>
    public static string Root(string? given, string folder)
    {
        var path = given ?? Path.Combine(folder, "keys", KeyRegistry.RootPublicKey);
        try
        {
            var text = new FileInfo(path).Length <= LongestKey ? File.ReadAllText(path).Trim() : "";
            return Base64Text.DecodeStandard(text) is { Length: 32 }
                ? text : throw new SentenceException($"{path} is not a root's public key: 32 bytes in base64, as in keys/root.pub.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SentenceException($"{unreadable.Message} Name the root's public key with --root KEYFILE.", unreadable);
        }
    }

    /// <exception cref="SentenceException">It cannot be read, or is longer than any bundle.</exception>
    public static async Task<byte[]> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return new FileInfo(file).Length <= AuditBundle.SizeLimit
                ? await File.ReadAllBytesAsync(file, cancellation)
                : throw new SentenceException($"{file} is longer than a bundle can be.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SentenceException(unreadable.Message, unreadable);
        }
    }

    /// <summary>All that can be found out from the bundle alone.</summary>
    public static async Task<ImmutableArray<Check>> CheckAsync(AuditBundle bundle, string root, TimeProvider time, CancellationToken cancellation)
    {
        RegisteredKeys keys;
        try
        {
            keys = KeysOf(bundle, root);
        }
        catch (Exception unsigned) when (unsigned is OutsideException or RefusedException)
        {
            var reason = unsigned is OutsideException outside ? outside.Reason : ((RefusedException)unsigned).Reason;
            return [new("keys", "registry and roster", "signed by the root", reason.Found, CheckResult.Differs, reason)];
        }
        var held = new Check("keys", "registry and roster", "signed by the root", "signed by the root", CheckResult.Holds);
        return [held, .. await new BundleCheck(keys, keys, keys.Origin, time).OfAsync(bundle, cancellation)];
    }

    /// <summary>The newest checkpoint in it.</summary>
    /// <exception cref="RefusedException">The ledger of this root did not sign it.</exception>
    public static Checkpoint CheckpointOf(AuditBundle bundle, string root)
    {
        var keys = KeysOf(bundle, root);
        return new CheckpointKeys(keys, keys.Origin).Read(SignedNote.Of(bundle.Checkpoint));
    }

    private static RegisteredKeys KeysOf(AuditBundle bundle, string root) => RegisteredKeys.Open(
        Base64Text.DecodeStandard(bundle.Registry) ?? [],
        bundle.Joinings.IsDefault ? [] : [.. bundle.Joinings.Select(joining => Base64Text.DecodeStandard(joining) ?? [])],
        bundle.Roster is { } roster ? Base64Text.DecodeStandard(roster) ?? [] : null, root);
}
