using Maestro.Identity;

namespace Maestro.Audit;

/// <summary>The ledger's name in checkpoints: unique for ever, from the root of trust.</summary>
/// <param name="Name">Such as <c>maestro/3f5a0c9d2b71e864/ledger</c>.</param>
public sealed record LedgerOrigin(string Name)
{
    /// <summary>The name that follows from the root's public key.</summary>
    public static LedgerOrigin Of(string root) => new($"maestro/{Deployments.Digest.Of(System.Text.Encoding.UTF8.GetBytes(root)).Hex[..16]}/ledger");

    /// <summary>The name that a role's silos cosign under.</summary>
    public string WitnessOf(Role role) => $"{Name}/witness/{Principal.Name(role)}";
}
