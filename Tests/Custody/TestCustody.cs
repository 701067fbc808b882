using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Custody;

/// <summary>Real keys of every role in a folder, a gate that knows the registered ones, and leases as custody would sign them.</summary>
internal sealed class TestCustody : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FileKeyring _keyring;

    public TestCustody()
    {
        new Registrar(_folder.Keys, TimeProvider.System).Supply(Principal.SiloRoles);
        var people = new RosterFile(_folder.RosterPath, Root, TimeProvider.System, NullLogger<RosterFile>.Instance);
        _keyring = FileKeyring.Open(_folder.Keys, Root, Principal.SiloRoles, people);
    }

    public string Keys => _folder.Keys;

    public string Root => KeyRegistry.RootOf(_folder.Keys);

    public FileKeyring Keyring => _keyring;

    /// <summary>A lease for whatever is asked of the edge; a case of an attack changes one thing of it.</summary>
    public Envelope Lend(Func<ProductionLease, ProductionLease> change, Role signer = Role.Custody) => Sign(change(Lease()), signer);

    public Envelope Sign(ProductionLease lease, Role signer = Role.Custody) => Statements.Sign(
        _keyring, signer, ProductionLease.PredicateType, [Subject.Of(lease.Effect, lease.Verification)], lease);

    private static ProductionLease Lease()
    {
        var now = TimeProvider.System.GetUtcNow();
        var deployment = DeploymentId.Of("local", "acme", "shop", 1);
        return new(
            deployment, 1, Stage.Promote, Binding.EffectOf(deployment, 1, Stage.Promote), "env/shop/production", 1, LeaseWay.Forward, null, null, 1,
            Digest.Of("summary"u8), Nonce.Fresh(), now, now + ProductionLease.Life);
    }

    public void Dispose()
    {
        _keyring.Dispose();
        _folder.Dispose();
    }
}
