using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Messages;

/// <summary>Nonces in SQLite.</summary>
internal sealed class SqliteNonceStore : INonceStore, IAsyncDisposable
{
    private readonly SqliteSource _source;
    private readonly NonceWriter _writer;

    public SqliteNonceStore(SqliteSource source)
    {
        _source = source;
        _writer = new(InsertAsync);
    }

    public Task<bool> UseAsync(string receiver, string nonce, DateTimeOffset until) => _writer.UseAsync(receiver, nonce, until);

    public Task<int> ForgetAsync(DateTimeOffset before, int count, CancellationToken cancellation) => _source.RunAsync(
        connection => connection.Execute(
            "DELETE FROM message_nonce WHERE digest IN (SELECT digest FROM message_nonce WHERE until < $before ORDER BY until LIMIT $count)",
            ("$before", before.ToText()), ("$count", count)),
        cancellation);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private Task<IReadOnlySet<string>> InsertAsync(IReadOnlyList<NonceRow> rows) => _source.RunAsync<IReadOnlySet<string>>(
        connection =>
        {
            var inserted = new HashSet<string>(StringComparer.Ordinal);
            using var insert = new PreparedStatement(
                connection, "INSERT INTO message_nonce (digest, until) VALUES ($digest, $until) ON CONFLICT (digest) DO NOTHING", "$digest", "$until");
            connection.Immediately(() =>
            {
                inserted.UnionWith(rows.Where(row => insert.Run(row.Digest.ToArray(), row.Until) == 1).Select(row => row.Key));
                return true;
            });
            return inserted;
        },
        CancellationToken.None);
}
