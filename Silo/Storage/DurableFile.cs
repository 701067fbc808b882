using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>Files that are whole or not there: written beside, flushed to the disk, and renamed. Only the owner may read them.</summary>
internal static class DurableFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Puts the bytes in place of what is there; durable when it returns, unless <paramref name="flush"/> is off.</summary>
    /// <exception cref="OutsideException">The disk is full, fails, or does not let us.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool flush = true)
    {
        var beside = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.tmp";
        try
        {
            using (var file = OpenNew(beside))
            {
                file.Write(content);
                if (flush)
                {
                    file.Flush(flushToDisk: true);
                }
            }
            File.Move(beside, path, overwrite: true);
            if (flush)
            {
                FlushFolder(Path.GetDirectoryName(path)!);
            }
        }
        catch (IOException failure)
        {
            Remove(beside);
            throw StorageFailure.Of(failure, path);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw StorageFailure.Of(failure, path);
        }
    }

    /// <summary>The file's bytes; null where there is none.</summary>
    /// <exception cref="OutsideException">It is there and cannot be read.</exception>
    public static byte[]? Read(string path)
    {
        // Often there is none, and an exception would cost more than the look.
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException failure)
        {
            throw StorageFailure.Of(failure, path);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw StorageFailure.Of(failure, path);
        }
    }

    /// <summary>Creates the folder and those above it for their owner alone; existing ones are left as they are.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnlyFolder);
        }
    }

    /// <summary>
    /// Gives the file this name too; false where the name is taken. The runtime's own move looks first and then takes the name, which two can do.
    /// </summary>
    public static bool TryLink(string path, string name)
    {
        if (Native.Link(Encoding.UTF8.GetBytes(path + '\0'), Encoding.UTF8.GetBytes(name + '\0')) == 0)
        {
            return true;
        }
        var error = Marshal.GetLastPInvokeError();
        return error == Native.Exists ? false : throw new IOException($"'{name}' cannot be written.", error);
    }

    /// <summary>Makes the names in a folder durable: a flushed file whose name is lost is lost.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var folder = Native.Open(Encoding.UTF8.GetBytes(path + '\0'), 0);
        if (folder < 0)
        {
            throw new IOException($"The folder '{path}' cannot be opened to be flushed.", Marshal.GetLastPInvokeError());
        }
        var failed = Native.Flush(folder) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Native.Close(folder);
        if (failed)
        {
            throw new IOException($"The folder '{path}' cannot be flushed.", error);
        }
    }

    /// <summary>A new file that only its owner may read.</summary>
    public static FileStream OpenNew(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }
        return new(path, options);
    }

    /// <summary>Deletes what was written beside; what cannot be deleted has a name that nothing reads.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // It stays.
        }
    }

    /// <summary>What the runtime does not offer.</summary>
    private static class Native
    {
        public const int Exists = 17;

        [DllImport("libc", EntryPoint = "link", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Link(byte[] path, byte[] name);

        [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Flush(int descriptor);

        [DllImport("libc", EntryPoint = "close", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int descriptor);
    }
}
