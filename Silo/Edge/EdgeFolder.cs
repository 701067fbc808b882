using System.Text;
using Maestro.Deployments;

namespace Maestro.Edge;

/// <summary>The files of one edge. They are the owner's alone.</summary>
internal sealed record EdgeFolder
{
    private const int LongestSocketPath = 104;

    private EdgeFolder(string path) => Path = path;

    public string Path { get; }
    public string Socket => System.IO.Path.Combine(Path, "edge.sock");
    public string Lock => System.IO.Path.Combine(Path, "edge.lock");
    public string Routes => System.IO.Path.Combine(Path, "routes.json");
    public string Journal => System.IO.Path.Combine(Path, "edge-journal.jsonl");
    public string Log => System.IO.Path.Combine(Path, "edge.log");

    /// <exception cref="RefusedException">The path is too long for a Unix domain socket in it.</exception>
    public static EdgeFolder Of(string path)
    {
        var folder = new EdgeFolder(System.IO.Path.GetFullPath(path));
        var length = Encoding.UTF8.GetByteCount(folder.Socket);
        return length <= LongestSocketPath
            ? folder
            : throw new RefusedException(new Reason("edge.path-too-long", "The edge is reached through a socket in its data folder.",
                $"a socket path of at most {LongestSocketPath} bytes", $"{length} bytes for {folder.Socket}",
                "Choose a data folder with a shorter path."));
    }

    public void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
            return;
        }
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Opens a file that, where it is new, only the owner may read and write.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(path, options);
    }
}
