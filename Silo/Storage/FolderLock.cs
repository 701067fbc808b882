using System.Globalization;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>The exclusive lock on a data folder. The system frees it when the process ends, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private const string LockFile = "lock";
    private const string HolderFile = "lock.holder";
    private readonly FileStream _held;

    private FolderLock(FileStream held) => _held = held;

    /// <summary>Whether the file is one of the lock's own, so that a folder with nothing else counts as empty.</summary>
    public static bool Owns(string path) => Path.GetFileName(path).StartsWith(LockFile, StringComparison.Ordinal);

    /// <exception cref="RefusedException">Another process holds it.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, LockFile);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = DurableFile.OwnerOnly;
        }
        FileStream held;
        try
        {
            held = new FileStream(path, options);
        }
        catch (IOException failure) when (!StorageFailure.IsFull(failure) && File.Exists(path))
        {
            throw Locked(folder);
        }
        WriteHolder(Path.Combine(folder, HolderFile));
        return new FolderLock(held);
    }

    public void Dispose() => _held.Dispose();

    // In a file of its own: the locked one cannot be read by the process that must say who holds it.
    private static void WriteHolder(string path)
    {
        try
        {
            DurableFile.Write(path, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        }
        catch (OutsideException)
        {
            // The lock holds without its note, so a full disk can still be shut down; a note of somebody else would mislead.
            Forget(path);
        }
    }

    private static void Forget(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be written at all is refused by the next who writes to it.
        }
    }

    private static RefusedException Locked(string folder)
    {
        var bytes = DurableFile.Read(Path.Combine(folder, HolderFile));
        var holder = bytes is { Length: > 0 and < 20 } ? Encoding.ASCII.GetString(bytes) : "unknown";
        return new(new Reason(
            "data.locked", "One silo at a time uses a data folder.", $"nobody else in '{folder}'", $"process {holder} has it",
            "Use that silo, stop it first, or choose another folder."));
    }
}
