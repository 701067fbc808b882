using Maestro.Connection;
using Maestro.Sessions;

namespace Maestro.Identity;

/// <summary>Makes the console speak for the person whose key lies on this machine.</summary>
internal static class ClientIdentity
{
    /// <summary>Adds what signs every outgoing call with the person's key for this data folder; where there is none, nobody is admitted.</summary>
    public static void Configure(IClientBuilder builder, string folder)
    {
        if (PersonKeys.Load(folder) is { } person)
        {
            // A silo's own issuer gives a session for the key, so beside the key it would show nothing more.
            var place = SiloFile.Read(folder)?.SignIn;
            builder.AddIdentity(
                person, place is { Own: false, IsUsable: true } ? new PersonSessions(place, person, folder, TimeProvider.System) : null);
        }
    }
}
