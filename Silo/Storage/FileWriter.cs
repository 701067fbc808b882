namespace Maestro.Storage;

/// <summary>
/// Writes files as <see cref="DurableFile"/> does, all that wait together: the disk is waited for twice, however many there are, and by one
/// thread.
/// </summary>
internal sealed class FileWriter : IAsyncDisposable
{
    private const int Waiting = 64;
    private const int AtOnce = 64;
    private readonly BatchQueue<WaitingFile> _queue = new("files", Waiting, AtOnce, file => file.Path, batch => Task.Run(() => Write(batch)));

    /// <summary>Puts the bytes where the path says; durable when it returns.</summary>
    /// <param name="replace">What is there already is replaced; else it stays.</param>
    /// <returns>False where something was there and stays.</returns>
    /// <exception cref="Outside.OutsideException">The disk is full, fails, or does not let us.</exception>
    public async Task<bool> WriteAsync(string path, byte[] content, bool replace, CancellationToken cancellation)
    {
        var file = new WaitingFile(path, content, replace);
        await _queue.PutAsync(file, cancellation);
        return await file.Done;
    }

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    // Each step for all of them before the next one: the first flush takes most of the others' bytes along.
    private static void Write(IReadOnlyList<WaitingFile> batch)
    {
        var changed = new Dictionary<string, List<WaitingFile>>(StringComparer.Ordinal);
        var steps = new Action<WaitingFile>[]
        {
            file => file.CreateFolders(folder => Note(changed, folder, file)),
            file => file.WriteBeside(),
            file => file.Flush(),
            file => file.Move(),
            file => Note(changed, Path.GetDirectoryName(file.Path)!, file),
        };
        foreach (var step in steps)
        {
            foreach (var file in batch)
            {
                file.Try(() => step(file));
            }
        }
        foreach (var (folder, files) in changed)
        {
            Flush(folder, files);
        }
        foreach (var file in batch)
        {
            file.End();
        }
    }

    private static void Note(Dictionary<string, List<WaitingFile>> changed, string folder, WaitingFile file)
    {
        if (!changed.TryGetValue(folder, out var files))
        {
            changed[folder] = files = [];
        }
        files.Add(file);
    }

    private static void Flush(string folder, List<WaitingFile> files)
    {
        var flushed = false;
        foreach (var file in files)
        {
            file.Try(() =>
            {
                if (!flushed)
                {
                    DurableFile.FlushFolder(folder);
                }
                flushed = true;
            });
        }
    }
}
