using System.Threading.Channels;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>
/// Group commit: one thread takes what came while the batch before was being committed, and writes it in one transaction.
/// It never waits for more to come. A full queue makes callers wait.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int Waiting = 4096;
    private const int BatchRows = 256;
    private readonly SqliteSource _source;
    private readonly Channel<LogWrite> _queue = Channel.CreateBounded<LogWrite>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable _watched;
    private LogStatements? _statements;

    public LogWriter(SqliteSource source)
    {
        _source = source;
        _watched = Queues.Watch("log", Waiting, () => _queue.Reader.Count);
        new Thread(Run) { IsBackground = true, Name = "deployment log" }.Start();
    }

    /// <summary>
    /// Waits for a place in the queue, which may be cancelled, and then for the write to be durable, which may not: it would be unclear
    /// whether it was.
    /// </summary>
    /// <exception cref="OutsideException">The database did not take it, or the writer is closed.</exception>
    public async Task<bool> WriteAsync(LogWrite write, CancellationToken cancellation)
    {
        try
        {
            await _queue.Writer.WriteAsync(write, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw StorageFailure.Closed();
        }
        return await write.Answer;
    }

    /// <summary>Takes nothing more, and waits until all that was taken is written.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
        _watched.Dispose();
    }

    private void Run()
    {
        var batch = new List<LogWrite>(BatchRows);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < BatchRows && _queue.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }
            Write(batch);
        }
        Forget();
        _ended.SetResult();
    }

    private void Write(List<LogWrite> batch)
    {
        try
        {
            Commit(batch);
        }
        catch (SqliteException failure) when (StorageFailure.IsOfRow(failure))
        {
            Forget();
            Divide(batch, failure);
        }
        catch (SqliteException failure)
        {
            Forget();
            batch.ForEach(write => write.Fail(StorageFailure.Of(failure)));
        }
    }

    private void Commit(List<LogWrite> batch)
    {
        using var told = Batches.Begin("sqlite", batch);
        _statements ??= new LogStatements(_source.Open());
        _statements.Begin();
        batch.ForEach(write => write.Run(_statements));
        _statements.Commit();
        batch.ForEach(write => write.Settle());
    }

    // Halves, and halves of those, in order: the rows beside a bad one are written, and it alone fails.
    private void Divide(List<LogWrite> batch, SqliteException failure)
    {
        if (batch.Count == 1)
        {
            batch[0].Fail(StorageFailure.OfRow(failure));
            return;
        }
        Write(batch[..(batch.Count / 2)]);
        Write(batch[(batch.Count / 2)..]);
    }

    private void Forget()
    {
        _statements?.Dispose();
        _statements = null;
    }
}
