using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Maestro.Deployments;
using Microsoft.Win32.SafeHandles;

namespace Maestro.Outside.Infrastructure;

/// <summary>
/// The files of one environment. Every name on a path is opened below the open folder before it and never through a link,
/// since what runs in the world may swap files at any moment.
/// </summary>
/// <param name="root">The folder of all worlds; whoever operates Maestro vouches for it.</param>
/// <param name="noFollow">The flag that refuses links.</param>
[SupportedOSPlatform("linux")]
internal sealed class World(string root, EnvironmentKey environment, int noFollow)
{
    private const int FolderMode = 0x1ED;
    private const int Private = 0x180;

    /// <summary>What is at a path. A link, a device or a file in the place of a folder is <see cref="Found.Blocked"/>.</summary>
    public Found Look(string path, int digestUpTo)
    {
        var (folder, failed) = Parent(path, make: false);
        using (folder)
        {
            if (folder is null)
            {
                return failed == Libc.NoEntry ? new Found.Absent() : new Found.Blocked();
            }
            using var inner = Libc.OpenAt(folder, Last(path), Libc.Directory | noFollow | Libc.CloseOnExec, 0);
            if (!inner.IsInvalid)
            {
                return new Found.Folder();
            }
            using var file = Libc.OpenAt(folder, Last(path), noFollow | Libc.NonBlocking | Libc.CloseOnExec, 0);
            return !file.IsInvalid ? Describe(file, digestUpTo)
                : Marshal.GetLastPInvokeError() switch
                {
                    Libc.NoEntry => new Found.Absent(),
                    Libc.Loop or Libc.NoDevice or Libc.NotDirectory => new Found.Blocked(),
                    _ => throw Failed("open", path),
                };
        }
    }

    /// <summary>Makes a folder; one that is there already is left as it is.</summary>
    public void MakeFolder(string path)
    {
        using var folder = DemandParent(path);
        if (Libc.MakeDirectoryAt(folder, Last(path), FolderMode) != 0 && Marshal.GetLastPInvokeError() != Libc.Exists)
        {
            throw Failed("make", path);
        }
        _ = Libc.Synchronize(folder);
    }

    /// <summary>Writes a file beside its place and moves it there, so that it is the old one or the new one and never half of
    /// either.</summary>
    public void Write(string path, byte[] content, int mode)
    {
        using var folder = DemandParent(path);
        var draft = WorldPath.Reserved + Digest.Of(System.Text.Encoding.UTF8.GetBytes(path)).Abbreviated;
        _ = Libc.UnlinkAt(folder, draft, 0);
        using (var file = Libc.OpenAt(folder, draft, Libc.WriteOnly | Libc.Create | Libc.Exclusive | noFollow | Libc.CloseOnExec, Private))
        {
            if (file.IsInvalid)
            {
                throw Failed("write", path);
            }
            Fill(file, path, content, mode);
        }
        if (Libc.RenameAt(folder, draft, folder, Last(path)) != 0)
        {
            throw Failed("replace", path);
        }
        _ = Libc.Synchronize(folder);
    }

    /// <summary>Removes a file, or the name that is there instead of one; nothing there is success.</summary>
    public void Remove(string path) => Unlink(path, 0);

    /// <summary>Removes an empty folder.</summary>
    /// <returns>False where it holds something and stays.</returns>
    public bool RemoveFolder(string path) => Unlink(path, Libc.RemoveDirectory) != Libc.NotEmpty;

    private static void Fill(SafeFileHandle file, string path, byte[] content, int mode)
    {
        try
        {
            RandomAccess.Write(file, content, 0);
            File.SetUnixFileMode(file, (UnixFileMode)mode);
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Refusals.Disk($"cannot write '{Refusals.Shown(path)}': {refused.Message}", refused);
        }
    }

    private int Unlink(string path, int flags)
    {
        var (folder, failed) = Parent(path, make: false);
        using (folder)
        {
            if (folder is null)
            {
                return failed == Libc.NoEntry ? 0 : throw Refusals.Link(path);
            }
            var error = Libc.UnlinkAt(folder, Last(path), flags) == 0 ? 0 : Marshal.GetLastPInvokeError();
            _ = Libc.Synchronize(folder);
            return error switch
            {
                0 or Libc.NoEntry => 0,
                Libc.NotEmpty or Libc.Exists => Libc.NotEmpty,
                Libc.NotDirectory or Libc.IsDirectory => throw Refusals.Link(path),
                _ => throw Failed("remove", path),
            };
        }
    }

    private SafeFileHandle DemandParent(string path) => Parent(path, make: true) switch
    {
        ({ } folder, _) => folder,
        (_, Libc.Loop or Libc.NotDirectory) => throw Refusals.Link(path),
        _ => throw Refusals.Disk($"cannot open the folder of '{Refusals.Shown(path)}'"),
    };

    private (SafeFileHandle? Folder, int Error) Parent(string path, bool make)
    {
        string[] names = [environment.Application, environment.Environment, .. path.Split('/')[..^1]];
        var folder = Libc.Open(root, Libc.Directory | Libc.CloseOnExec, 0);
        var error = Marshal.GetLastPInvokeError();
        for (var index = 0; !folder.IsInvalid && index < names.Length; index++)
        {
            using var outer = folder;
            // Only the world itself is made on the way; folders within it are resources of their own.
            if (make && index < 2)
            {
                _ = Libc.MakeDirectoryAt(outer, names[index], FolderMode);
            }
            folder = Libc.OpenAt(outer, names[index], Libc.Directory | noFollow | Libc.CloseOnExec, 0);
            error = Marshal.GetLastPInvokeError();
        }
        if (!folder.IsInvalid)
        {
            return (folder, 0);
        }
        folder.Dispose();
        return error is Libc.NoEntry or Libc.Loop or Libc.NotDirectory ? (null, error) : throw Failed("open", path, error);
    }

    private static Found Describe(SafeFileHandle file, int digestUpTo)
    {
        try
        {
            var length = RandomAccess.GetLength(file);
            var mode = (int)File.GetUnixFileMode(file);
            if (length > digestUpTo)
            {
                return new Found.TextFile(null, mode);
            }
            var content = new byte[length];
            var read = 0;
            for (int more; read < content.Length && (more = RandomAccess.Read(file, content.AsSpan(read), read)) > 0; read += more)
            {
            }
            return new Found.TextFile(Convert.ToHexStringLower(SHA256.HashData(content.AsSpan(0, read))), mode);
        }
        catch (NotSupportedException)
        {
            // A pipe or a socket has no length.
            return new Found.Blocked();
        }
        catch (IOException refused)
        {
            throw Refusals.Disk($"cannot read a file of the world: {refused.Message}", refused);
        }
    }

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static OutsideException Failed(string verb, string path, int? error = null) =>
        Refusals.Disk($"cannot {verb} '{Refusals.Shown(path)}': {Marshal.GetPInvokeErrorMessage(error ?? Marshal.GetLastPInvokeError())}");
}

/// <summary>What is at a path of a world.</summary>
internal abstract record Found
{
    public sealed record Absent : Found;

    public sealed record Folder : Found;

    /// <param name="Digest">The content's digest; null where the file is larger than any that is declared.</param>
    /// <param name="Mode">The permission bits.</param>
    public sealed record TextFile(string? Digest, int Mode) : Found;

    /// <summary>A link, a device, or something else that is neither file nor folder, here or on the way.</summary>
    public sealed record Blocked : Found;
}
