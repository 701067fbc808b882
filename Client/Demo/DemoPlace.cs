using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Maestro.Applications;
using Maestro.Connection;

namespace Maestro.Demo;

/// <summary>Where the demo plays: its data folder, its repositories and its ports.</summary>
internal sealed record DemoPlace(string Data, int StagingPort, int ProductionPort)
{
    public string Repositories => Path.Combine(Data, "demo");

    /// <summary>What the hostile scripts would leave behind.</summary>
    public string Marker => Path.Combine(Data, "demo", "marker");

    /// <exception cref="SentenceException">The folder has something else in it.</exception>
    public static DemoPlace Prepare(string data)
    {
        var marker = Path.Combine(data, DemoSettings.MarkerFile);
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
        {
            if (!File.Exists(marker))
            {
                throw new SentenceException($"The demo plays only in a folder of its own, and {data} has something else in it. Name a new one with --data.", ExitCode.Refused);
            }
            Directory.Delete(data, recursive: true);
        }
        Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var place = new DemoPlace(data, FreePort(), FreePort());
        File.WriteAllText(marker, JsonSerializer.Serialize(place));
        return place;
    }

    public Application Register(DemoRepository repository) => new(
        "shop", "local", "demo", repository.Path, "shop", "local",
        new(EnvironmentSettings.StagingName, StagingPort, 1), new(EnvironmentSettings.ProductionName, ProductionPort, 1));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
