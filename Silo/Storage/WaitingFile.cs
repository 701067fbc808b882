using System.Security.Cryptography;

namespace Maestro.Storage;

/// <summary>One file on its way: written beside its place, flushed, and renamed. A step that fails ends it, and no other file with it.</summary>
internal sealed class WaitingFile(string path, byte[] content, bool replace)
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _beside = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.tmp";
    private FileStream? _open;
    private Exception? _failure;
    private bool _stays;

    public string Path => path;

    /// <summary>Whether it was written, once it is durable; fails with what the disk said.</summary>
    public Task<bool> Done => _done.Task;

    /// <summary>Takes a step, unless an earlier one failed.</summary>
    public void Try(Action step)
    {
        if (_failure is not null)
        {
            return;
        }
        try
        {
            step();
        }
#pragma warning disable CA1031 // Whatever it is, whoever waits for this file must hear that it is not written.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failure = failure switch
            {
                IOException disk => StorageFailure.Of(disk, path),
                UnauthorizedAccessException forbidden => StorageFailure.Of(forbidden, path),
                _ => failure,
            };
        }
    }

    /// <summary>Makes the folder it lies in, and tells whose names changed by that.</summary>
    public void CreateFolders(Action<string> changed)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        for (var missing = folder; !Directory.Exists(missing); missing = System.IO.Path.GetDirectoryName(missing)!)
        {
            changed(System.IO.Path.GetDirectoryName(missing)!);
        }
        DurableFile.CreateFolder(folder);
    }

    public void WriteBeside()
    {
        _open = DurableFile.OpenNew(_beside);
        _open.Write(content);
    }

    public void Flush()
    {
        _open!.Flush(flushToDisk: true);
        Close();
    }

    public void Move()
    {
        if (replace)
        {
            File.Move(_beside, path, overwrite: true);
            return;
        }
        _stays = !DurableFile.TryLink(_beside, path);
        DurableFile.Remove(_beside);
    }

    /// <summary>Tells whoever waits for it.</summary>
    public void End()
    {
        Close();
        if (_failure is null)
        {
            _done.TrySetResult(!_stays);
            return;
        }
        DurableFile.Remove(_beside);
        _done.TrySetException(_failure);
    }

    private void Close()
    {
        _open?.Dispose();
        _open = null;
    }
}
