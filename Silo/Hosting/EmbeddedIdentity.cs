using Maestro.Identity;
using Maestro.Storage;

namespace Maestro.Hosting;

/// <summary>
/// On one machine a silo makes its own keys in its data folder. One process is one trust domain: whoever can read that folder is every role.
/// </summary>
internal static class EmbeddedIdentity
{
    public static IdentitySettings Prepare(DataFolder data)
    {
        FileKeyring.CreateMissing(data.Keys, Principal.SiloRoles);
        return new(data.Keys, RosterPath(data.Path), Principal.SiloRoles);
    }

    public static string RosterPath(string folder) => Path.Combine(folder, "people", "roster.json");
}
