using System.Text;

namespace Maestro.Outside.Processes;

/// <summary>
/// The output of a command in a file of limited size. What is beyond the limit is read and dropped, so the command never stalls.
/// </summary>
internal sealed class BoundedOutput(string path, long limit) : IAsyncDisposable
{
    private static readonly byte[] Mark = Encoding.UTF8.GetBytes("\n[the rest of the output was dropped]\n");
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1);
    private readonly SemaphoreSlim _turn = new(1);
    private long _written;

    /// <summary>Takes all that the stream gives. Ends at the stream's end.</summary>
    public async Task TakeAsync(Stream source, CancellationToken cancellation)
    {
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellation)) > 0)
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                await KeepAsync(buffer.AsMemory(0, read), cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _turn.Dispose();
    }

    private async Task KeepAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var room = limit - _written;
        if (room <= 0)
        {
            return;
        }
        _written += bytes.Length;
        try
        {
            await _file.WriteAsync(bytes.Length > room ? bytes[..(int)room] : bytes, cancellation);
            if (_written >= limit)
            {
                await _file.WriteAsync(Mark, cancellation);
            }
        }
        catch (IOException)
        {
            // A full disk must not stall the command: its output is dropped, its end is still seen.
            _written = limit;
        }
    }
}
