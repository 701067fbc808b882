using System.Security.Cryptography;
using Maestro.Deployments;

namespace Maestro.Identity;

/// <summary>The root that a silo was told to trust, by its fingerprint: <c>SHA256:</c> and the hash of the public key in base64, without padding.</summary>
internal static class RootPin
{
    private const string Prefix = "SHA256:";

    /// <param name="publicKey">32 bytes in base64.</param>
    public static string FingerprintOf(string publicKey) =>
        Prefix + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(publicKey))).TrimEnd('=');

    /// <exception cref="RefusedException"><c>keys.pinned</c>: the folder's root is another one.</exception>
    public static void Check(string? pinned, string publicKey)
    {
        if (pinned is not null && pinned != FingerprintOf(publicKey) && pinned != publicKey)
        {
            throw new RefusedException(new Reason("keys.pinned", "A silo trusts the root that it was told to trust.",
                new Outside.UntrustedText(pinned).Shown(80), FingerprintOf(publicKey), "Correct --root, or start with the data folder of that root."));
        }
    }
}
