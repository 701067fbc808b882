using System.Collections.Immutable;
using Maestro.Identity;
using Maestro.Storage;

namespace Maestro.Hosting;

/// <summary>
/// On one machine a silo makes its own root and keys in its data folder. One process is then one trust domain: whoever can read that folder is
/// every role. A silo that joined with a ticket has the keys of its roles only, and no root.
/// </summary>
internal static class EmbeddedIdentity
{
    /// <param name="roles">The roles whose private keys this silo loads.</param>
    /// <param name="root">The root's public key in base64 where it is pinned; null believes the folder.</param>
    public static IdentitySettings Prepare(DataFolder data, ImmutableArray<Role> roles, string? root = null)
    {
        if (File.Exists(Path.Combine(data.Keys, KeyRegistry.RootKey)) || !File.Exists(Path.Combine(data.Keys, KeyRegistry.RootPublicKey)))
        {
            new Registrar(data.Keys, TimeProvider.System).Supply(Principal.SiloRoles);
        }
        return new(data.Keys, RosterPath(data.Path), roles, roles.Contains(Role.Control) ? Role.Control : roles[0], root);
    }

    public static string RosterPath(string folder) => Path.Combine(folder, "people", "roster.json");
}
