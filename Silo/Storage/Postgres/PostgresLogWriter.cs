using Maestro.Outside;
using Maestro.Telemetry;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>
/// Group commit: takes what came while the batch before was being committed, and writes it in one transaction. It never waits for more to
/// come. A full queue makes callers wait.
/// </summary>
internal sealed class PostgresLogWriter : IAsyncDisposable
{
    private const int Waiting = 4096;
    private const int BatchRows = 128;
    private const int Meetings = 3;
    private readonly PostgresSource _source;
    private readonly BatchQueue<PostgresWrite> _queue;
    private NpgsqlConnection? _connection;

    public PostgresLogWriter(PostgresSource source)
    {
        _source = source;
        // A second write of one deployment compares with the first, so it goes with the next batch. One order everywhere, so that two silos
        // that write the same rows do not wait for each other.
        _queue = new("log", Waiting, BatchRows, write => write.Deployment.ToString(),
            batch => WriteAsync([.. batch.OrderBy(write => write.Deployment.ToString(), StringComparer.Ordinal)]));
    }

    /// <summary>
    /// Waits for a place in the queue, which may be cancelled, and then for the write to be durable, which may not: it would be unclear
    /// whether it was.
    /// </summary>
    /// <exception cref="OutsideException">The database did not take it, or it is not known whether it did, or the writer is closed.</exception>
    public async Task<bool> WriteAsync(PostgresWrite write, CancellationToken cancellation)
    {
        await _queue.PutAsync(write, cancellation);
        return await write.Answer;
    }

    /// <summary>Takes nothing more, and waits until all that was taken is written.</summary>
    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync();
        await ForgetAsync();
    }

    private async Task WriteAsync(IReadOnlyList<PostgresWrite> batch, int meeting = 0)
    {
        try
        {
            using var told = Batches.Begin("postgresql", batch);
            _connection ??= await _source.DataSource.OpenConnectionAsync();
            var won = await PostgresLogBatch.RunAsync(_connection, batch);
            foreach (var write in batch)
            {
                write.Settle(won.Contains(write.Deployment.ToString()));
            }
        }
        catch (PostgresException failure) when (PostgresFailure.IsOfOrder(failure) && meeting < Meetings)
        {
            await WriteAsync(batch, meeting + 1);
        }
        catch (Exception failure) when (PostgresFailure.IsOfRow(failure))
        {
            // A statement that the driver was just preparing leaves the connection out of step.
            await ForgetAsync();
            await DivideAsync(batch, failure);
        }
        catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
        {
            await ForgetAsync();
            await SettleAsync(batch, failure);
        }
#pragma warning disable CA1031 // The outermost host of the writer: a caller must not wait for ever.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            await ForgetAsync();
            foreach (var write in batch)
            {
                write.Fail(fault);
            }
        }
    }

    private async Task DivideAsync(IReadOnlyList<PostgresWrite> batch, Exception failure)
    {
        if (batch.Count == 1)
        {
            batch[0].Fail(PostgresFailure.OfRow(failure));
            return;
        }
        await BatchQueue<PostgresWrite>.DivideAsync(batch, half => WriteAsync(half));
    }

    // The connection broke, perhaps after the commit: what is there now took effect; of the rest nobody knows, and the callers are told so.
    private async Task SettleAsync(IReadOnlyList<PostgresWrite> batch, Exception failure)
    {
        var found = await CommittedAsync(batch);
        foreach (var write in batch)
        {
            if (write is PostgresWrite.Entry entry && found is not null && found.Contains((entry.Deployment.ToString(), entry.Append.Number)))
            {
                write.Settle(true);
            }
            else
            {
                write.Fail(PostgresFailure.Of(failure, _source.Shown));
            }
        }
    }

    /// <summary>Which of the entries are in the log exactly as they were sent; null where the database does not say.</summary>
    private async Task<HashSet<(string Deployment, int Number)>?> CommittedAsync(IReadOnlyList<PostgresWrite> batch)
    {
        PostgresWrite.Entry[] entries = [.. batch.OfType<PostgresWrite.Entry>()];
        try
        {
            return [.. await _source.SelectAsync(
                """
                SELECT l.deployment, l.number FROM deployment_log l
                JOIN unnest($1::text[], $2::int[], $3::bytea[], $4::text[]) AS g (deployment, number, body, writer)
                  ON l.deployment = g.deployment AND l.number = g.number AND l.body = g.body AND l.writer = g.writer
                """,
                row => (row.GetString(0), row.GetInt32(1)), CancellationToken.None,
                Array.ConvertAll(entries, entry => entry.Deployment.ToString()), Array.ConvertAll(entries, entry => entry.Append.Number),
                Array.ConvertAll(entries, entry => entry.Body), Array.ConvertAll(entries, entry => entry.Append.Writer))];
        }
        catch (OutsideException)
        {
            return null;
        }
    }

    private async Task ForgetAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            // Back in the pool it would go to the next user, out of step as it may be.
            _source.DataSource.Clear();
            await connection.DisposeAsync();
        }
    }
}
