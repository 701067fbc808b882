using System.Collections.Concurrent;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>Documents in memory, for a ledger whose documents nobody looks at.</summary>
internal sealed class MemoryBlobs : IBlobStore
{
    private readonly ConcurrentDictionary<(DeploymentId, Digest), byte[]> _blobs = new();

    public Task<Digest> PutAsync(DeploymentId deployment, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var digest = Digest.Of(content.Span);
        _blobs[(deployment, digest)] = content.ToArray();
        return Task.FromResult(digest);
    }

    public Task<byte[]?> GetAsync(DeploymentId deployment, Digest digest, CancellationToken cancellation) =>
        Task.FromResult(_blobs.GetValueOrDefault((deployment, digest)));

    public Task ShredAsync(DeploymentId deployment, CancellationToken cancellation)
    {
        foreach (var key in _blobs.Keys.Where(key => key.Item1 == deployment))
        {
            _blobs.TryRemove(key, out _);
        }
        return Task.CompletedTask;
    }
}
