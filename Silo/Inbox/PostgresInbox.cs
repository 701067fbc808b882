using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;
using Maestro.Storage;
using Maestro.Storage.Postgres;
using Npgsql;

namespace Maestro.Inbox;

/// <summary>The inbox in PostgreSQL.</summary>
internal sealed class PostgresInbox : IInbox, IInboxTable, IAsyncDisposable
{
    private const string Insert =
        """
        INSERT INTO inbox (source, delivery, digest, body, action, application, head, base, received_at, state)
        SELECT source, delivery, digest, body, action, application, head, base, received_at, 'waiting'
        FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) WITH ORDINALITY
          AS g (source, delivery, digest, body, action, application, head, base, received_at, place)
        ORDER BY place
        ON CONFLICT (source, delivery) DO NOTHING
        RETURNING source, delivery
        """;

    private readonly PostgresSource _source;
    private readonly InboxWriter _writer;

    public PostgresInbox(PostgresSource source)
    {
        _source = source;
        _writer = new(this);
    }

    public Task<Kept> KeepAsync(Delivery delivery) => _writer.KeepAsync(delivery);

    public Task<ImmutableArray<WaitingDelivery>> ReadWaitingAsync(long after, int count, CancellationToken cancellation) => _source.SelectAsync(
        $"SELECT {InboxRows.WaitingColumns} FROM inbox WHERE state = 'waiting' AND position > $1 ORDER BY position LIMIT $2",
        InboxRows.WaitingOf, cancellation, after, count);

    public async Task<bool> AimAsync(long position, DeploymentId deployment, CancellationToken cancellation) => await _source.ExecuteAsync(
        "UPDATE inbox SET deployment = $2 WHERE position = $1 AND state = 'waiting' AND deployment IS NULL",
        cancellation, position, deployment.ToString()) == 1;

    public async Task<bool> SettleAsync(long position, string? reason, DateTimeOffset at, CancellationToken cancellation) => await _source.ExecuteAsync(
        "UPDATE inbox SET state = $2, reason = $3, settled_at = $4 WHERE position = $1 AND state = 'waiting'",
        cancellation, position, reason is null ? "handed" : "refused", InboxRows.Cut(reason), at.ToText()) == 1;

    public Task<int> TrimAsync(DateTimeOffset before, int count, CancellationToken cancellation) => _source.ExecuteAsync(
        """
        DELETE FROM inbox WHERE (source, delivery) IN
          (SELECT source, delivery FROM inbox WHERE settled_at IS NOT NULL AND settled_at < $1 ORDER BY settled_at LIMIT $2)
        """,
        cancellation, before.ToText(), count);

    public Task<IReadOnlySet<string>> InsertAsync(IReadOnlyList<Delivery> batch) => _source.RunAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand(Insert, connection);
            AddTo(command, batch);
            await using var reader = await command.ExecuteReaderAsync();
            var inserted = new HashSet<string>(StringComparer.Ordinal);
            while (await reader.ReadAsync())
            {
                inserted.Add(Key(reader.GetString(0), reader.GetString(1)));
            }
            return (IReadOnlySet<string>)inserted;
        },
        CancellationToken.None);

    public async Task<IReadOnlyDictionary<string, string>> DigestsAsync(IReadOnlyList<Delivery> batch) => (await _source.SelectAsync(
        "SELECT source, delivery, digest FROM inbox WHERE (source, delivery) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
        row => (Key: Key(row.GetString(0), row.GetString(1)), Digest: row.GetString(2)), CancellationToken.None,
        batch.Select(delivery => delivery.Source).ToArray(), batch.Select(delivery => delivery.Id).ToArray()))
        .ToDictionary(row => row.Key, row => row.Digest, StringComparer.Ordinal);

    public bool IsOfRow(OutsideException failure)
    {
        if (failure.InnerException is not { } inner || !PostgresFailure.IsOfRow(inner))
        {
            return false;
        }
        // A statement that the driver was just preparing leaves the connection out of step.
        _source.DataSource.Clear();
        return true;
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static void AddTo(NpgsqlCommand command, IReadOnlyList<Delivery> batch)
    {
        void Column<T>(Func<Delivery, T> value) => command.Parameters.AddColumn([.. batch.Select(value)]);
        Column(delivery => delivery.Source);
        Column(delivery => delivery.Id);
        Column(delivery => delivery.Digest);
        Column(delivery => delivery.Body);
        Column(delivery => delivery.Event.Action.ToText());
        Column(delivery => delivery.Event.Application);
        Column(delivery => delivery.Event.Head);
        Column(delivery => delivery.Event.Base);
        Column(delivery => delivery.ReceivedAt.ToText());
    }

    private static string Key(string source, string delivery) => $"{source}/{delivery}";
}
