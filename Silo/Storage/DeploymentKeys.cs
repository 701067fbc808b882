using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>
/// A random key per deployment, each in a file of its own, wrapped by the master key. Destroying it shreds all that it sealed.
/// </summary>
/// <param name="folder">Where the wrapped keys are; made when the first one is.</param>
internal sealed class DeploymentKeys(string folder, MasterKey master, FileWriter files)
{
    private readonly byte[] _wrapping = master.For("maestro.blobs.1");
    private readonly Lock _destroying = new();

    /// <summary>The deployment's key; null where it has none, or no longer.</summary>
    /// <exception cref="OutsideException"><c>key.damaged</c>: it is there and cannot be unwrapped.</exception>
    public byte[]? Find(DeploymentId deployment)
    {
        if (DurableFile.Read(PathOf(deployment)) is not { } wrapped)
        {
            return null;
        }
        try
        {
            return SealedBytes.Open(_wrapping, wrapped, Place(deployment));
        }
        catch (CryptographicException failure)
        {
            throw new OutsideException(new Reason(
                "key.damaged", "A deployment's key must be the one that was made.", "a key wrapped by this folder's master key",
                $"another one for {deployment}",
                "Restore the keys folder from a backup."), failure);
        }
    }

    /// <summary>The deployment's key, made where it has none. Whoever makes one at the same time, here or on another silo, gets the same.</summary>
    public async Task<byte[]> FindOrMakeAsync(DeploymentId deployment, CancellationToken cancellation)
    {
        while (true)
        {
            if (Find(deployment) is { } known)
            {
                return known;
            }
            var key = RandomNumberGenerator.GetBytes(SealedBytes.KeyLength);
            if (await files.WriteAsync(PathOf(deployment), SealedBytes.Seal(_wrapping, key, Place(deployment)), replace: false, cancellation))
            {
                return key;
            }
        }
    }

    /// <summary>Overwrites and deletes the key. Destroying none is success.</summary>
    public void Destroy(DeploymentId deployment)
    {
        lock (_destroying)
        {
            var path = PathOf(deployment);
            if (!File.Exists(path))
            {
                return;
            }
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
            {
                file.Write(RandomNumberGenerator.GetBytes((int)file.Length));
                file.Flush(flushToDisk: true);
            }
            File.Delete(path);
            DurableFile.FlushFolder(folder);
        }
    }

    private string PathOf(DeploymentId deployment) => Path.Combine(folder, Digest.Of(Encoding.UTF8.GetBytes(deployment.ToString())).Hex);

    private static byte[] Place(DeploymentId deployment) => Encoding.UTF8.GetBytes($"maestro.key.1\n{deployment}");
}
