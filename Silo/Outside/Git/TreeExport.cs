using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>
/// Writes a tree into an empty folder, byte for byte. Everything is checked before the first file is written; what fails later leaves
/// nothing behind.
/// </summary>
internal static class TreeExport
{
    public const int MaxFiles = 20_000;
    public const long MaxBytes = 512L << 20;

    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <exception cref="RefusedException">The folder is not empty, or the tree may not be written.</exception>
    public static void Write(Repository repository, Tree tree, string folder, CancellationToken token)
    {
        var files = new TreeFiles(repository, MaxFiles, MaxBytes, token).List(tree);
        var existed = Directory.Exists(folder);
        if (existed && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw Refusals.Refused(
                "git.folder-not-empty", "A tree is written into an empty folder.", "nothing in it", "files", "Use a new folder.");
        }
        var done = false;
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in files)
            {
                token.ThrowIfCancellationRequested();
                WriteFile(Path.Combine(folder, file.Path), Objects.Bytes(repository, file.Id), file.Executable ? Executable : Plain);
            }
            done = true;
        }
        finally
        {
            if (!done)
            {
                Clear(folder, existed);
            }
        }
    }

    private static void WriteFile(string path, byte[] content, UnixFileMode mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
        }
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static void Clear(string folder, bool keep)
    {
        Directory.Delete(folder, recursive: true);
        if (keep)
        {
            Directory.CreateDirectory(folder);
        }
    }
}
