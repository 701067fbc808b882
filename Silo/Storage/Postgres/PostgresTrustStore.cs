using System.Collections.Immutable;
using System.Security.Cryptography;
using Maestro.Identity;
using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>What the root signed, in PostgreSQL.</summary>
internal sealed class PostgresTrustStore(PostgresSource source) : ITrustStore
{
    private const int Tries = 10;

    public Task<ImmutableArray<TrustDocument>> ReadAsync(long place, int count, CancellationToken cancellation) => source.SelectAsync(
        "SELECT place, kind, number, content FROM trust_document WHERE place > $1 ORDER BY place LIMIT $2",
        row => new TrustDocument(row.GetInt64(0), row.GetString(1), row.GetInt64(2), [.. row.GetFieldValue<byte[]>(3)]), cancellation, place, count);

    public async Task<bool> AddAsync(string kind, long number, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        for (var one = 1; ; one++)
        {
            try
            {
                return await source.ExecuteAsync(
                    """
                    INSERT INTO trust_document (place, kind, number, content, digest)
                    SELECT COALESCE(MAX(place), 0) + 1, $1, $2, $3, $4 FROM trust_document
                    ON CONFLICT (kind, number, digest) DO NOTHING
                    """,
                    cancellation, kind, number, content.ToArray(), Convert.ToHexStringLower(SHA256.HashData(content.Span))) == 1;
            }
            catch (OutsideException taken) when (one < Tries && taken.InnerException is PostgresException
            {
                SqlState: PostgresErrorCodes.UniqueViolation,
                ConstraintName: "trust_document_pkey"
            })
            {
                // Somebody else took the place; places have no gaps, so that nobody reads past one that is still to come.
            }
        }
    }
}
