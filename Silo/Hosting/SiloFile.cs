using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Maestro.Identity;
using Maestro.Storage;

namespace Maestro.Hosting;

/// <summary>Where this silo answers: chosen once, kept in the data folder, and read by the console.</summary>
/// <param name="Secured">Its ports take TLS only, as those of a cluster do.</param>
/// <param name="SignIn">Where people get a session; null for nowhere.</param>
internal sealed record SiloFile(
    int SiloPort, int GatewayPort, string ClusterId, string ServiceId, int Pid, bool Secured = false, SignInPlace? SignIn = null)
{
    public const string Name = "silo.json";

    /// <summary>The stored ports with this process in place of the last one; new ports where there are none, or where somebody took them.</summary>
    /// <param name="cluster">The cluster's name; null for a silo on its own.</param>
    public static SiloFile Claim(DataFolder data, SiloSettings settings, string? cluster)
    {
        var name = settings.FileName(Name);
        var stored = Read(data, name);
        var file = stored is not null && IsFree(stored.SiloPort) && (stored.GatewayPort == 0 || IsFree(stored.GatewayPort))
            ? stored with { Pid = Environment.ProcessId }
            // Orleans refuses a connection meant for another cluster, so a port that changed hands never leads into another folder's silo.
            : new(Ports.Free(), Ports.Free(), $"maestro-{Guid.NewGuid():N}", "maestro", Environment.ProcessId);
        file = file with
        {
            ClusterId = cluster ?? file.ClusterId,
            Secured = settings.Member is not null,
            SignIn = SignInPlace.Of(settings.SignIn),
            GatewayPort = settings.Roles.Contains(Role.Gateway) ? file.GatewayPort > 0 ? file.GatewayPort : Ports.Free() : 0,
        };
        data.WriteAtomically(name, JsonSerializer.SerializeToUtf8Bytes(file, JsonSerializerOptions.Web));
        return file;
    }

    // Only ports are in it: a file that cannot be read is made anew.
    private static SiloFile? Read(DataFolder data, string name)
    {
        try
        {
            return data.Read(name) is { } bytes ? JsonSerializer.Deserialize<SiloFile>(bytes, JsonSerializerOptions.Web) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
