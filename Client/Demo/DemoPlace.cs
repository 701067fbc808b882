using System.Text.Json;
using Maestro.Applications;
using Maestro.Connection;

namespace Maestro.Demo;

/// <summary>Where the demo plays: its data folder, its repositories and its ports.</summary>
internal sealed record DemoPlace(string Folder, int StagingPort, int ProductionPort)
{
    /// <summary>The silo's data folder.</summary>
    public string Data => Path.Combine(Folder, "data");

    public string Repositories => Path.Combine(Folder, "repositories");

    /// <summary>What the hostile scripts would leave behind.</summary>
    public string Marker => Path.Combine(Folder, "marker");

    /// <exception cref="SentenceException">The folder has something else in it.</exception>
    public static DemoPlace Prepare(string folder)
    {
        var marker = Path.Combine(folder, DemoSettings.MarkerFile);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            if (!File.Exists(marker))
            {
                throw new SentenceException(
                    $"The demo plays only in a folder of its own, and {folder} has something else in it. Name a new one with --data.", ExitCode.Refused);
            }
            Directory.Delete(folder, recursive: true);
        }
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var place = new DemoPlace(folder, Hosting.Ports.Free(), Hosting.Ports.Free());
        File.WriteAllText(marker, JsonSerializer.Serialize(place));
        return place;
    }

    /// <summary>A folder whose <c>data</c> folder has running silos and which the demo has not played in.</summary>
    /// <exception cref="SentenceException">There are none, or it has.</exception>
    public static DemoPlace Join(string folder)
    {
        var place = new DemoPlace(folder, Hosting.Ports.Free(), Hosting.Ports.Free());
        if (SiloFile.ReadAll(place.Data).IsEmpty)
        {
            throw new SentenceException($"No silo has its data in {place.Data}. Start some with: bash infra/cluster.sh 3 {folder}", ExitCode.NoSilo);
        }
        var marker = Path.Combine(folder, DemoSettings.MarkerFile);
        if (File.Exists(marker))
        {
            throw new SentenceException($"The demo has played in {folder}. Stop the silos and start them in a new folder to see it again.", ExitCode.Refused);
        }
        File.WriteAllText(marker, JsonSerializer.Serialize(place));
        return place;
    }

    public Application Register(DemoRepository repository) => new(
        "shop", "local", "demo", repository.Path, "shop", "local",
        new(EnvironmentSettings.StagingName, StagingPort, 1), new(EnvironmentSettings.ProductionName, ProductionPort, 1));
}
