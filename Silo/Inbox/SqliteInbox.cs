using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Data.Sqlite;

namespace Maestro.Inbox;

/// <summary>The inbox in SQLite.</summary>
internal sealed class SqliteInbox : IInbox, IInboxTable, IAsyncDisposable
{
    private readonly SqliteSource _source;
    private readonly InboxWriter _writer;

    public SqliteInbox(SqliteSource source)
    {
        _source = source;
        _writer = new(this);
    }

    public Task<Kept> KeepAsync(Delivery delivery) => _writer.KeepAsync(delivery);

    public Task<ImmutableArray<WaitingDelivery>> ReadWaitingAsync(long after, int count, CancellationToken cancellation) => _source.RunAsync(
        connection => connection.Select(
            $"SELECT {InboxRows.WaitingColumns} FROM inbox WHERE state = 'waiting' AND position > $after ORDER BY position LIMIT $count",
            InboxRows.WaitingOf, ("$after", after), ("$count", count)),
        cancellation);

    public Task<bool> AimAsync(long position, DeploymentId deployment, CancellationToken cancellation) => _source.RunAsync(
        connection => connection.Execute(
            "UPDATE inbox SET deployment = $deployment WHERE position = $position AND state = 'waiting' AND deployment IS NULL",
            ("$deployment", deployment.ToString()), ("$position", position)) == 1,
        cancellation);

    public Task<bool> SettleAsync(long position, string? reason, DateTimeOffset at, CancellationToken cancellation) => _source.RunAsync(
        connection => connection.Execute(
            "UPDATE inbox SET state = $state, reason = $reason, settled_at = $at WHERE position = $position AND state = 'waiting'",
            ("$state", reason is null ? "handed" : "refused"), ("$reason", InboxRows.Cut(reason)), ("$at", at.ToText()), ("$position", position)) == 1,
        cancellation);

    public Task<int> TrimAsync(DateTimeOffset before, int count, CancellationToken cancellation) => _source.RunAsync(
        connection => connection.Execute(
            """
            DELETE FROM inbox WHERE position IN
              (SELECT position FROM inbox WHERE settled_at IS NOT NULL AND settled_at < $before ORDER BY settled_at LIMIT $count)
            """,
            ("$before", before.ToText()), ("$count", count)),
        cancellation);

    public Task<IReadOnlySet<string>> InsertAsync(IReadOnlyList<Delivery> batch) => _source.RunAsync<IReadOnlySet<string>>(
        connection =>
        {
            var inserted = new HashSet<string>(StringComparer.Ordinal);
            using var insert = new PreparedStatement(connection,
                """
                INSERT INTO inbox (source, delivery, digest, body, action, application, head, base, received_at, state)
                VALUES ($source, $delivery, $digest, $body, $action, $application, $head, $base, $at, 'waiting')
                ON CONFLICT (source, delivery) DO NOTHING
                """,
                "$source", "$delivery", "$digest", "$body", "$action", "$application", "$head", "$base", "$at");
            connection.Immediately(() =>
            {
                inserted.UnionWith(batch.Where(delivery => insert.Run(
                    delivery.Source, delivery.Id, delivery.Digest, delivery.Body, delivery.Event.Action.ToText(), delivery.Event.Application,
                    delivery.Event.Head, delivery.Event.Base, delivery.ReceivedAt.ToText()) == 1).Select(delivery => delivery.Key));
                return true;
            });
            return inserted;
        },
        CancellationToken.None);

    public Task<IReadOnlyDictionary<string, string>> DigestsAsync(IReadOnlyList<Delivery> batch) => _source.RunAsync<IReadOnlyDictionary<string, string>>(
        connection => batch.SelectMany(delivery => connection.Select(
            "SELECT digest FROM inbox WHERE source = $source AND delivery = $delivery", row => (delivery.Key, Digest: row.GetString(0)),
            ("$source", delivery.Source), ("$delivery", delivery.Id))).ToDictionary(row => row.Key, row => row.Digest, StringComparer.Ordinal),
        CancellationToken.None);

    public bool IsOfRow(OutsideException failure) => failure.InnerException is SqliteException inner && StorageFailure.IsOfRow(inner);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
