namespace Maestro.Chaos;

/// <summary>Where a drill plays: one throwaway folder with everything in it.</summary>
internal sealed record DrillFolder(string Path)
{
    public string Data => In("data");

    public string Postgres => In("postgres");

    /// <summary>A line for each run of a build: the folder it ran in.</summary>
    public string Builds => In("builds");

    public string Repositories => In("repositories");

    public string Notifications => System.IO.Path.Combine(Data, "notifications.jsonl");

    public string EdgeJournal => System.IO.Path.Combine(Data, "edge", "edge-journal.jsonl");

    public static DrillFolder Create()
    {
        var path = Directory.CreateTempSubdirectory("maestro-drill-").FullName;
        // PostgreSQL runs as a user of its own where the drill runs as root.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute
            | UnixFileMode.OtherExecute);
        var folder = new DrillFolder(path);
        File.WriteAllText(folder.Builds, "");
        return folder;
    }

    /// <summary>The file that makes a bad release unwell once it is watched.</summary>
    public string Bad(string deployment) => In($"bad-{deployment.Replace('/', '-')}");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
