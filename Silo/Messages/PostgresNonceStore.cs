using Maestro.Outside;
using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Messages;

/// <summary>Nonces in PostgreSQL, which all silos share: a message that one of them took is taken by no other.</summary>
internal sealed class PostgresNonceStore : INonceStore, IAsyncDisposable
{
    // In one order everywhere, so that two silos that insert the same do not wait for each other.
    private const string Insert =
        """
        INSERT INTO message_nonce (digest, until)
        SELECT digest, until FROM unnest($1::bytea[], $2::text[]) AS g (digest, until) ORDER BY digest
        ON CONFLICT (digest) DO NOTHING
        RETURNING digest
        """;

    private readonly PostgresSource _source;
    private readonly NonceWriter _writer;

    public PostgresNonceStore(PostgresSource source)
    {
        _source = source;
        _writer = new(InsertAsync);
    }

    public Task<bool> UseAsync(string receiver, string nonce, DateTimeOffset until) => _writer.UseAsync(receiver, nonce, until);

    public Task<int> ForgetAsync(DateTimeOffset before, int count, CancellationToken cancellation) => _source.ExecuteAsync(
        "DELETE FROM message_nonce WHERE digest IN (SELECT digest FROM message_nonce WHERE until < $1 ORDER BY until LIMIT $2)",
        cancellation, before.ToText(), count);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task<IReadOnlySet<string>> InsertAsync(IReadOnlyList<NonceRow> rows) => (await _source.SelectAsync(
        Insert, row => Convert.ToHexString(row.Bytes(0)), CancellationToken.None,
        rows.Select(row => row.Digest.ToArray()).ToArray(), rows.Select(row => row.Until).ToArray())).ToHashSet(StringComparer.Ordinal);
}
