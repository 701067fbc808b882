using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Outside;

/// <summary>Secrets, each belonging to one role. No value of it ever reaches a log, a prompt, a page or the ledger.</summary>
public interface ISecretStore
{
    /// <summary>The secret's value; null where the role has none of this name.</summary>
    /// <exception cref="OutsideException">The role's secrets are there and cannot be read.</exception>
    Task<byte[]?> GetAsync(Role role, string name, CancellationToken cancellation);

    /// <summary>Stores the value, in place of the one before. Durable when it returns.</summary>
    /// <param name="name">1 to 64 lower-case letters, digits, dots, dashes and underscores, beginning with a letter or digit.</param>
    /// <exception cref="RefusedException">The name is not of this form, the role is nobody's, or the value is over 64 KiB.</exception>
    Task PutAsync(Role role, string name, ReadOnlyMemory<byte> value, CancellationToken cancellation);

    /// <summary>Deletes the secret; deleting none is success.</summary>
    Task DeleteAsync(Role role, string name, CancellationToken cancellation);
}
