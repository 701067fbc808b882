using System.Security.Cryptography;
using System.Text;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Messages;

/// <summary>
/// Group commit of nonces. Where it is not known whether a batch was committed its messages are not used, and nothing is lost: what a message
/// asks for is asked again with a new nonce.
/// </summary>
internal sealed class NonceWriter : IAsyncDisposable
{
    private const int Waiting = 4096;
    private const int BatchRows = 256;
    private readonly BatchQueue<Write> _queue;
    private readonly Func<IReadOnlyList<NonceRow>, Task<IReadOnlySet<string>>> _insert;

    /// <param name="insert">Inserts those that are not there, all in one transaction, and returns the keys of those that it inserted.</param>
    public NonceWriter(Func<IReadOnlyList<NonceRow>, Task<IReadOnlySet<string>>> insert)
    {
        _insert = insert;
        _queue = new("nonces", Waiting, BatchRows, write => write.Row.Key, WriteAsync);
    }

    /// <inheritdoc cref="INonceStore.UseAsync"/>
    public async Task<bool> UseAsync(string receiver, string nonce, DateTimeOffset until)
    {
        var write = new Write(NonceRow.Of(receiver, nonce, until));
        await _queue.PutAsync(write, CancellationToken.None);
        return await write.Answer.Task;
    }

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    private async Task WriteAsync(IReadOnlyList<Write> batch)
    {
        try
        {
            var inserted = await _insert([.. batch.Select(write => write.Row)]);
            foreach (var write in batch)
            {
                write.Answer.TrySetResult(inserted.Contains(write.Row.Key));
            }
        }
#pragma warning disable CA1031 // The outermost host of the writer: a receiver must not wait for ever.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            foreach (var write in batch)
            {
                write.Answer.TrySetException(failure);
            }
        }
    }

    private sealed record Write(NonceRow Row)
    {
        public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A nonce as both databases keep it: receiver and nonce in one digest, so that no text from a message can be too long for its row.</summary>
/// <param name="Key">The digest as text.</param>
internal sealed record NonceRow(string Key, ReadOnlyMemory<byte> Digest, string Until)
{
    public static NonceRow Of(string receiver, string nonce, DateTimeOffset until)
    {
        // No nonce has a line's end in it, so two pairs cannot be one text.
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{nonce}\n{receiver}"));
        return new(Convert.ToHexString(digest), digest, until.ToText());
    }
}
