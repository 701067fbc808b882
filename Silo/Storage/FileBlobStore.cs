using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>Blobs as sealed files <c>{deployment's digest}/{digest}</c>; the digest is of what was put in.</summary>
internal sealed class FileBlobStore : IBlobStore, IAsyncDisposable
{
    /// <summary>In bytes: 16 MiB.</summary>
    public const int Limit = 16 << 20;

    private readonly string _folder;
    private readonly FileWriter _files = new();
    private readonly DeploymentKeys _keys;

    /// <summary>The store of a data folder; makes its master key at first use.</summary>
    public FileBlobStore(DataFolder data)
    {
        _folder = data.Blobs;
        _keys = new(Path.Combine(data.Keys, "deployments"), MasterKey.Open(Path.Combine(data.Keys, "master")), _files);
    }

    public Task<Digest> PutAsync(DeploymentId deployment, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        content.Length > Limit
            ? throw new RefusedException(new Reason("blob.too-large", "A document is at most 16 MiB.", "at most 16777216 bytes",
                $"{content.Length} bytes", "Make the document smaller."))
            : Task.Run(() => SealAsync(deployment, content, cancellation), cancellation);

    public Task<byte[]?> GetAsync(DeploymentId deployment, Digest digest, CancellationToken cancellation) =>
        Task.Run(() => _keys.Find(deployment) is { } key ? Read(key, deployment, digest) : null, cancellation);

    public Task ShredAsync(DeploymentId deployment, CancellationToken cancellation) => Task.Run(
        () =>
        {
            var blobs = FolderOf(deployment);
            try
            {
                _keys.Destroy(deployment);
                if (Directory.Exists(blobs))
                {
                    Directory.Delete(blobs, recursive: true);
                }
            }
            catch (IOException failure)
            {
                throw StorageFailure.Of(failure, blobs);
            }
            catch (UnauthorizedAccessException failure)
            {
                throw StorageFailure.Of(failure, blobs);
            }
        },
        cancellation);

    public ValueTask DisposeAsync() => _files.DisposeAsync();

    private async Task<Digest> SealAsync(DeploymentId deployment, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var digest = Digest.Of(content.Span);
        var key = await _keys.FindOrMakeAsync(deployment, cancellation);
        if (!Keeps(key, deployment, digest))
        {
            var stored = SealedBytes.Seal(key, content.Span, Place(deployment, digest));
            await _files.WriteAsync(PathOf(deployment, digest), stored, replace: true, cancellation);
        }
        return digest;
    }

    // A damaged blob is written anew: whoever puts it has the content.
    private bool Keeps(byte[] key, DeploymentId deployment, Digest digest)
    {
        try
        {
            return Read(key, deployment, digest) is not null;
        }
        catch (OutsideException damaged) when (damaged.Reason.Code == "blob.damaged")
        {
            return false;
        }
    }

    private byte[]? Read(byte[] key, DeploymentId deployment, Digest digest)
    {
        var stored = DurableFile.Read(PathOf(deployment, digest));
        try
        {
            var content = stored is null ? null : SealedBytes.Open(key, stored, Place(deployment, digest));
            return content is null || Digest.Of(content) == digest ? content : throw Damaged(deployment, digest, null);
        }
        catch (CryptographicException failure)
        {
            throw Damaged(deployment, digest, failure);
        }
    }

    private string FolderOf(DeploymentId deployment) => Path.Combine(_folder, Digest.Of(Encoding.UTF8.GetBytes(deployment.ToString())).Hex);

    // Parsed again: the default digest has no digits, and must not become a path.
    private string PathOf(DeploymentId deployment, Digest digest) =>
        Path.Combine(FolderOf(deployment), Digest.Parse(digest.ToString()).Hex);

    private static byte[] Place(DeploymentId deployment, Digest digest) =>
        Encoding.UTF8.GetBytes($"maestro.blob.1\n{deployment}\n{digest}");

    private static OutsideException Damaged(DeploymentId deployment, Digest digest, CryptographicException? failure) => new(
        new Reason("blob.damaged", "A stored document must be the one that was put in.", digest.ToString(),
            $"other bytes, for {deployment}",
            "Restore the blobs and keys folders from a backup, or run the stage again."),
        failure);
}
