using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Inbox;

/// <summary>
/// Group commit of deliveries: one batch at a time. A full queue takes nothing, because a sender that is told so sends again. A batch with a
/// bad row is divided; where it is not known whether a batch was committed, what is there is read before anybody is answered.
/// </summary>
internal sealed class InboxWriter : IAsyncDisposable
{
    private const int Waiting = 1024;
    private const int BatchRows = 128;
    private const long MostBytes = 64L << 20;
    private readonly BatchQueue<Write> _queue;
    private readonly IInboxTable _table;
    private long _bytes;

    public InboxWriter(IInboxTable table)
    {
        _table = table;
        _queue = new("inbox", Waiting, BatchRows, write => write.Delivery.Key, WriteAsync);
    }

    /// <inheritdoc cref="IInbox.KeepAsync"/>
    public async Task<Kept> KeepAsync(Delivery delivery)
    {
        var write = new Write(delivery);
        try
        {
            return Interlocked.Add(ref _bytes, delivery.Body.Length) <= MostBytes && _queue.TryPut(write) ? await write.Answer.Task : Kept.Full;
        }
        finally
        {
            Interlocked.Add(ref _bytes, -delivery.Body.Length);
        }
    }

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    private async Task WriteAsync(IReadOnlyList<Write> batch)
    {
        try
        {
            var first = await _table.InsertAsync([.. batch.Select(write => write.Delivery)]);
            await AnswerAsync(batch.Where(write => !first.Contains(write.Delivery.Key)), () => StorageFailure.Damaged("A delivery is neither new nor there."));
            foreach (var write in batch)
            {
                write.Answer.TrySetResult(Kept.Now);
            }
        }
        catch (OutsideException failure) when (_table.IsOfRow(failure) && batch.Count > 1)
        {
            await BatchQueue<Write>.DivideAsync(batch, WriteAsync);
        }
        catch (OutsideException failure)
        {
            await SettleAsync(batch, failure);
        }
#pragma warning disable CA1031 // The outermost host of the writer: a sender must not wait for ever.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fail(batch, fault);
        }
    }

    // The connection broke, perhaps after the commit: what is there now is kept.
    private async Task SettleAsync(IReadOnlyList<Write> batch, OutsideException failure)
    {
        try
        {
            await AnswerAsync(batch, () => failure);
        }
        catch (OutsideException)
        {
            Fail(batch, failure);
        }
    }

    /// <summary>Answers from what is in the table.</summary>
    private async Task AnswerAsync(IEnumerable<Write> batch, Func<Exception> missing)
    {
        if (batch.ToList() is not { Count: > 0 } writes)
        {
            return;
        }
        var digests = await _table.DigestsAsync([.. writes.Select(write => write.Delivery)]);
        foreach (var write in writes)
        {
            if (!digests.TryGetValue(write.Delivery.Key, out var digest))
            {
                write.Answer.TrySetException(missing());
                continue;
            }
            write.Answer.TrySetResult(digest == write.Delivery.Digest ? Kept.Before : Kept.Other);
        }
    }

    private static void Fail(IEnumerable<Write> batch, Exception failure)
    {
        foreach (var write in batch)
        {
            write.Answer.TrySetException(failure);
        }
    }

    private sealed record Write(Delivery Delivery)
    {
        public TaskCompletionSource<Kept> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The table of deliveries, of either database.</summary>
internal interface IInboxTable
{
    /// <summary>Inserts those whose ids are not there, all in one transaction.</summary>
    /// <returns>The keys of those that were inserted.</returns>
    /// <exception cref="OutsideException">The database did not do it, or it is not known whether it did.</exception>
    Task<IReadOnlySet<string>> InsertAsync(IReadOnlyList<Delivery> batch);

    /// <summary>The digests of what is there under these ids, by key.</summary>
    Task<IReadOnlyDictionary<string, string>> DigestsAsync(IReadOnlyList<Delivery> batch);

    /// <summary>Whether a row itself was at fault.</summary>
    bool IsOfRow(OutsideException failure);
}
