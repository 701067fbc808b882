namespace Maestro.Identity;

/// <summary>Files of which nobody may see half, and some of which nobody else may see at all.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Writes a new file with mode 0600; fails where there is one.</summary>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // Beside it first: half a key under its name would keep a silo from starting.
        var fresh = $"{path}.{Guid.NewGuid():N}.new";
        using (var file = new FileStream(fresh, Options(FileMode.CreateNew, UnixFileMode.UserRead | UnixFileMode.UserWrite)))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(fresh, path, overwrite: false);
        }
        catch (IOException)
        {
            File.Delete(fresh);
            throw;
        }
    }

    /// <summary>Puts the content in the file's place in one step, readable by all: it is signed, not secret.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var fresh = $"{path}.new";
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        using (var file = new FileStream(fresh, Options(FileMode.Create, mode)))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Puts the content in the file's place in one step, with mode 0600.</summary>
    public static void ReplaceOwn(string path, ReadOnlySpan<byte> content)
    {
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var fresh = $"{path}.{Guid.NewGuid():N}.new";
        using (var file = new FileStream(fresh, Options(FileMode.CreateNew, UnixFileMode.UserRead | UnixFileMode.UserWrite)))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }

    public static bool IsFolderOpenToOthers(string folder) =>
        !OperatingSystem.IsWindows() && Directory.Exists(folder) && (File.GetUnixFileMode(folder) & Others) != 0;

    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & Others) != 0;

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStreamOptions Options(FileMode mode, UnixFileMode rights)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = rights;
        }
        return options;
    }
}
