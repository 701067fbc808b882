using Maestro.Deployments;

namespace Maestro.Outside;

/// <summary>Evidence, texts and logs, encrypted with a key per deployment and found by the digest of what was put in.</summary>
public interface IBlobStore
{
    /// <summary>Stores the bytes; storing them again is success. Durable when it returns.</summary>
    /// <exception cref="RefusedException">More than 16 MiB.</exception>
    Task<Digest> PutAsync(DeploymentId deployment, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>The bytes with this digest; null where they are not kept or were shredded.</summary>
    /// <exception cref="OutsideException">They are there, and are not what the digest says.</exception>
    Task<byte[]?> GetAsync(DeploymentId deployment, Digest digest, CancellationToken cancellation);

    /// <summary>Destroys the deployment's key, and with it all that was stored under it.</summary>
    Task ShredAsync(DeploymentId deployment, CancellationToken cancellation);
}
