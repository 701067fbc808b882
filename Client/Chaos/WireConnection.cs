using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Maestro.Chaos;

/// <summary>One connection that passes through a <see cref="WireProxy"/>.</summary>
internal sealed class WireConnection(TcpClient near, IWireWatcher watcher, Func<int> bytesPerSecond, TimeProvider time) : IDisposable
{
    private const int BufferSize = 16384;
    private const int LongestMessage = 64 * 1024 * 1024;
    private readonly TcpClient _far = new();
    private readonly Lock _gate = new();
    private Asked? _asked;

    /// <summary>Closes both ends, in the middle of whatever passes.</summary>
    public void Dispose()
    {
        near.Dispose();
        _far.Dispose();
    }

    public async Task RunAsync(int server)
    {
        try
        {
            (near.NoDelay, _far.NoDelay) = (true, true);
            await _far.ConnectAsync(IPAddress.Loopback, server);
            await Task.WhenAny(Task.Run(SendAsync), Task.Run(AnswerAsync));
        }
        catch (Exception ended) when (IsEnd(ended))
        {
            // Nobody answers there: nobody answers here.
        }
        Dispose();
        lock (_gate)
        {
            _asked?.Done.TrySetResult(false);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            await using var from = new BufferedStream(near.GetStream(), BufferSize);
            var to = _far.GetStream();
            // The first message of a connection has no letter.
            await to.WriteAsync(await ReadAsync(from, 0));
            using var group = new MemoryStream();
            while (true)
            {
                var message = await ReadAsync(from, 1);
                group.Write(message);
                if (!WireGroup.Ends(message[0]))
                {
                    continue;
                }
                var bytes = group.ToArray();
                group.SetLength(0);
                if (!await PassAsync(to, bytes))
                {
                    return;
                }
            }
        }
        catch (Exception ended) when (IsEnd(ended))
        {
            // The other direction ends with it.
        }
    }

    private async Task<bool> PassAsync(NetworkStream to, byte[] group)
    {
        var entries = WireGroup.EntriesOf(group);
        if (entries.IsEmpty)
        {
            await WriteAsync(to, group);
            return true;
        }
        var passage = await watcher.SendingAsync(entries);
        if (!passage.Forward)
        {
            return false;
        }
        var asked = new Asked(entries, passage.Answer);
        lock (_gate)
        {
            _asked = asked;
        }
        await WriteAsync(to, group);
        return passage.Answer || await asked.Done.Task;
    }

    private async Task WriteAsync(NetworkStream to, ReadOnlyMemory<byte> bytes)
    {
        while (bytesPerSecond() is var pace and > 0 && bytes.Length > 0)
        {
            var part = bytes[..Math.Min(bytes.Length, Math.Max(1, pace / 20))];
            await to.WriteAsync(part);
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
            bytes = bytes[part.Length..];
        }
        await to.WriteAsync(bytes);
    }

    private async Task AnswerAsync()
    {
        try
        {
            await using var from = new BufferedStream(_far.GetStream(), BufferSize);
            var to = near.GetStream();
            using var answer = new MemoryStream();
            while (true)
            {
                var message = await ReadAsync(from, 1);
                var asked = Current(message[0] == 'Z');
                if (asked is null or { Known: true })
                {
                    answer.Write(message);
                }
                if (answer.Length > 0 && (answer.Length > BufferSize || !IsFollowed(message[0])))
                {
                    await to.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length));
                    answer.SetLength(0);
                }
                if (asked is not null && message[0] == 'Z')
                {
                    await watcher.AnsweredAsync(asked.Entries, asked.Known);
                    asked.Done.TrySetResult(asked.Known);
                }
            }
        }
        catch (Exception ended) when (IsEnd(ended))
        {
            // The other direction ends with it.
        }
    }

    private Asked? Current(bool last)
    {
        lock (_gate)
        {
            var asked = _asked;
            _asked = last ? null : asked;
            return asked;
        }
    }

    private static async Task<byte[]> ReadAsync(Stream from, int letters)
    {
        var head = new byte[letters + 4];
        await from.ReadExactlyAsync(head);
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(letters)) + letters;
        if (length < head.Length || length > LongestMessage)
        {
            throw new IOException("This is not how PostgreSQL speaks.");
        }
        var message = new byte[length];
        head.CopyTo(message, 0);
        await from.ReadExactlyAsync(message.AsMemory(head.Length));
        return message;
    }

    // Rows and their frame, which always come with more.
    private static bool IsFollowed(byte type) => type is (byte)'D' or (byte)'T' or (byte)'1' or (byte)'2' or (byte)'3' or (byte)'C' or (byte)'n' or (byte)'t';

    private static bool IsEnd(Exception failure) =>
        failure is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;

    private sealed record Asked(ImmutableArray<SentEntry> Entries, bool Known)
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
