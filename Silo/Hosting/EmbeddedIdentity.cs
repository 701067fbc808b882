using Maestro.Identity;
using System.Collections.Immutable;
using Maestro.Storage;

namespace Maestro.Hosting;

/// <summary>
/// On one machine a silo makes its own keys in its data folder. One process is one trust domain: whoever can read that folder is every role.
/// </summary>
internal static class EmbeddedIdentity
{
    /// <param name="roles">The roles whose private keys this silo loads.</param>
    public static IdentitySettings Prepare(DataFolder data, ImmutableArray<Role> roles)
    {
        FileKeyring.CreateMissing(data.Keys, Principal.SiloRoles);
        return new(data.Keys, RosterPath(data.Path), roles, roles.Contains(Role.Control) ? Role.Control : roles[0]);
    }

    public static string RosterPath(string folder) => Path.Combine(folder, "people", "roster.json");
}
