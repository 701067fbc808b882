using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>The statements of a bundle, found by the digest that their bytes really have. Nothing can be put in.</summary>
internal sealed class BundledEvidence(AuditBundle bundle) : IBlobStore
{
    private readonly ImmutableDictionary<Digest, byte[]> _bytes = bundle.Evidence.Values.Select(Base64Text.DecodeStandard).OfType<byte[]>()
        .GroupBy(bytes => Digest.Of(bytes)).ToImmutableDictionary(same => same.Key, same => same.First());

    public Task<byte[]?> GetAsync(DeploymentId deployment, Digest digest, CancellationToken cancellation) =>
        Task.FromResult(_bytes.GetValueOrDefault(digest));

    public Task<Digest> PutAsync(DeploymentId deployment, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        throw new NotSupportedException("A bundle is only read.");

    public Task ShredAsync(DeploymentId deployment, CancellationToken cancellation) => throw new NotSupportedException("A bundle is only read.");
}
