using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Hosting;

namespace Maestro.Connection;

/// <summary>Where the silo of a data folder answers, as it wrote it down when it started.</summary>
/// <param name="GatewayPort">A loopback port, 1 to 65535.</param>
/// <param name="Secured">It takes TLS only, from people who have logged in.</param>
/// <param name="SignIn">Where people get a session; null for nowhere.</param>
internal sealed record SiloFile(int GatewayPort, string ClusterId, string ServiceId, int Pid, bool Secured = false, SignInPlace? SignIn = null)
{
    public const string FileName = "silo.json";

    // silo.json, and silo-NAME.json of a cluster's silos.
    private const string Pattern = "silo*.json";
    private const int MaximumLength = 16 * 1024;

    /// <summary>The address in this data folder; null where no silo left a readable one.</summary>
    public static SiloFile? Read(string folder) => ReadAll(folder) is [var first, ..] ? first : null;

    /// <summary>The addresses of all silos that people may come in by: one, or several of a cluster.</summary>
    public static ImmutableArray<SiloFile> ReadAll(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal).Select(ReadOne).OfType<SiloFile>()]
                : [];
        }
        catch (UnauthorizedAccessException)
        {
            throw new SentenceException($"The data folder {folder} belongs to another user. Run as that user, or name another with --data.", ExitCode.NoSilo);
        }
    }

    private static SiloFile? ReadOne(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaximumLength
                ? Plausible(JsonSerializer.Deserialize<SiloFile>(File.ReadAllText(path), JsonSerializerOptions.Web))
                : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException)
        {
            return null;
        }
    }

    private static SiloFile? Plausible(SiloFile? address) =>
        address is { GatewayPort: > 0 and <= 65535, ClusterId.Length: > 0, ServiceId.Length: > 0 } ? address : null;
}
