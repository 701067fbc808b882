using System.Text.Json;

namespace Maestro.Connection;

/// <summary>Where the silo of a data folder answers, as it wrote it down when it started.</summary>
/// <param name="GatewayPort">A loopback port, 1 to 65535.</param>
internal sealed record SiloFile(int GatewayPort, string ClusterId, string ServiceId, int Pid)
{
    public const string FileName = "silo.json";

    private const int MaximumLength = 16 * 1024;

    /// <summary>The address in this data folder; null where no silo left a readable one.</summary>
    public static SiloFile? Read(string folder)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder, FileName));
            return file.Exists && file.Length <= MaximumLength
                ? Plausible(JsonSerializer.Deserialize<SiloFile>(File.ReadAllText(file.FullName), JsonSerializerOptions.Web))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new SentenceException($"The data folder {folder} belongs to another user. Run as that user, or name another with --data.", ExitCode.NoSilo);
        }
    }

    private static SiloFile? Plausible(SiloFile? address) =>
        address is { GatewayPort: > 0 and <= 65535, ClusterId.Length: > 0, ServiceId.Length: > 0 } ? address : null;
}
