using System.Collections.Immutable;
using System.Security.Cryptography;
using Maestro.Identity;

namespace Maestro.Storage;

/// <summary>What the root signed, in SQLite.</summary>
internal sealed class SqliteTrustStore(SqliteSource source) : ITrustStore
{
    public Task<ImmutableArray<TrustDocument>> ReadAsync(long place, int count, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            "SELECT place, kind, number, content FROM trust_document WHERE place > $place ORDER BY place LIMIT $count",
            row => new TrustDocument(row.GetInt64(0), row.GetString(1), row.GetInt64(2), [.. row.GetFieldValue<byte[]>(3)]),
            ("$place", place), ("$count", count)),
        cancellation);

    public Task<bool> AddAsync(string kind, long number, ReadOnlyMemory<byte> content, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Execute(
            """
            INSERT INTO trust_document (place, kind, number, content, digest)
            SELECT COALESCE(MAX(place), 0) + 1, $kind, $number, $content, $digest FROM trust_document WHERE true
            ON CONFLICT (kind, number, digest) DO NOTHING
            """,
            ("$kind", kind), ("$number", number), ("$content", content.ToArray()),
            ("$digest", Convert.ToHexStringLower(SHA256.HashData(content.Span)))) == 1,
        cancellation);
}
