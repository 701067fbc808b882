using System.Runtime.Versioning;

namespace Maestro.Outside.Infrastructure;

/// <summary>Replaces a file so that a crash at any moment leaves the old one or the new one, whole and on the disk.</summary>
[SupportedOSPlatform("linux")]
internal static class AtomicFile
{
    /// <summary>Writes beside the file, flushes, renames, and flushes the folder.</summary>
    /// <param name="between">Called with <c>written</c> before the rename and with <c>renamed</c> after it.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, Action<string>? between = null)
    {
        var draft = path + ".tmp";
        File.Delete(draft);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        };
        using (var file = new FileStream(draft, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        between?.Invoke("written");
        File.Move(draft, path, overwrite: true);
        using var folder = Libc.Open(Path.GetDirectoryName(path)!, Libc.Directory | Libc.CloseOnExec, 0);
        _ = Libc.Synchronize(folder);
        between?.Invoke("renamed");
    }
}
