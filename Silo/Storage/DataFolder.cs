using System.Globalization;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>The folder that holds all that a silo keeps. One process has it at a time, and only its owner may look into it.</summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>The form of the folder that this release writes.</summary>
    public const int Form = 1;

    private const string FormFile = "version";
    private readonly FolderLock _lock;

    private DataFolder(string path, bool shared)
    {
        Path = path;
        _lock = FolderLock.Take(path, shared);
    }

    public string Path { get; }
    public string Database => In("maestro.db");
    public string Blobs => In("blobs");
    public string Keys => In("keys");
    public string People => In("people");
    public string Work => In("work");
    public string Edge => In("edge");
    public string Repositories => In("repositories");
    public string Worlds => In("worlds");
    public string Images => In("images");
    public string Checkpoints => In("checkpoints");
    public string Witness => In("witness");

    /// <summary>Opens the folder, or makes it, and holds it until disposed.</summary>
    /// <exception cref="RefusedException">
    /// <c>data.locked</c>: another process has it; <c>data.newer</c>: a newer release wrote it; <c>data.foreign</c>: it holds something
    /// else; <c>data.unwritable</c>: this user may not write it.
    /// </exception>
    /// <exception cref="OutsideException">The disk is full or fails.</exception>
    public static DataFolder Open(string path) => Open(path, shared: false);

    /// <summary>Opens the folder together with other silos of the same cluster on this machine; the database is theirs, not the folder's.</summary>
    /// <inheritdoc cref="Open(string)"/>
    public static DataFolder Join(string path) => Open(path, shared: true);

    private static DataFolder Open(string path, bool shared)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            return OpenOwn(path, shared);
        }
        catch (UnauthorizedAccessException)
        {
            throw Unwritable(path);
        }
        catch (OutsideException failure) when (failure.Reason.Code == "storage.forbidden")
        {
            throw Unwritable(path);
        }
        catch (IOException failure)
        {
            throw StorageFailure.Of(failure, path);
        }
    }

    /// <summary>Puts a small file such as <c>silo.json</c> in place as a whole, durably.</summary>
    /// <param name="name">A file name, without folders.</param>
    public void WriteAtomically(string name, ReadOnlySpan<byte> bytes) => DurableFile.Write(In(Named(name)), bytes);

    /// <summary>The bytes of such a file; null where there is none.</summary>
    public byte[]? Read(string name) => DurableFile.Read(In(Named(name)));

    public void Dispose() => _lock.Dispose();

    private static DataFolder OpenOwn(string path, bool shared)
    {
        var known = File.Exists(System.IO.Path.Combine(path, FormFile));
        if (!known && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(entry => !IsOwn(entry)))
        {
            throw Refuse("data.foreign", "Maestro's data lives in a folder of its own.", "an empty folder, or one made by Maestro",
                $"'{path}' with other files in it", "Choose another folder.");
        }
        DurableFile.CreateFolder(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, DurableFile.OwnerOnlyFolder);
        }
        var folder = new DataFolder(path, shared);
        try
        {
            folder.CheckForm();
            folder.CreateFolders();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private void CheckForm()
    {
        var form = Read(FormFile);
        if (form is null)
        {
            WriteAtomically(FormFile, Encoding.ASCII.GetBytes(Form.ToString(CultureInfo.InvariantCulture) + "\n"));
            return;
        }
        var text = Encoding.ASCII.GetString(form).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var found) || found < 1)
        {
            throw StorageFailure.Damaged($"The file '{In(FormFile)}' does not hold a number.");
        }
        if (found > Form)
        {
            throw Refuse("data.newer", "A release reads only data of its own form or an older one.",
                $"form {Form.ToString(CultureInfo.InvariantCulture)}",
                $"form {text} in '{Path}'", "Start the newer release of Maestro that wrote it, or restore a backup from before.");
        }
    }

    private void CreateFolders()
    {
        foreach (var folder in (ReadOnlySpan<string>)[Blobs, Keys, People, Work, Edge, Repositories, Worlds, Images])
        {
            DurableFile.CreateFolder(folder);
        }
    }

    // Also what a process leaves that dies, or is still at work, before the folder has its form.
    private static bool IsOwn(string entry) =>
        FolderLock.Owns(entry) || System.IO.Path.GetFileName(entry).StartsWith(FormFile, StringComparison.Ordinal);

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static string Named(string name) => name == System.IO.Path.GetFileName(name) && name.Length > 0
        ? name
        : throw new ArgumentException($"'{name}' is not a file name.", nameof(name));

    private static RefusedException Unwritable(string path) => Refuse(
        "data.unwritable", "Maestro must be able to read and write its data folder.", "a folder that belongs to the user that runs Maestro",
        $"'{path}', which this user may not write", "Give the folder to this user, or choose another.");

    private static RefusedException Refuse(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason(code, rule, expected, found, wayOut));
}
