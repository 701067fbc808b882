using Maestro.Deployments;
using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>Brings the database to the form that this release knows, script by script. Every silo may do it at once: one does, the others wait.</summary>
/// <param name="grants">Gives the roles of silos their rights too; only a whole schema has the tables for that.</param>
internal sealed class PostgresSchema(SchemaHistory history, TimeProvider time, bool grants = true)
{
    // Any number that nobody else uses in this database.
    private const long Lock = 0x6d616573_74726f;

    public PostgresSchema(TimeProvider time) : this(new SchemaHistory(SchemaScript.Postgres), time) { }

    /// <summary>Applies what is missing, all of it or none. Applying it again is success.</summary>
    /// <returns>The names of the scripts that were applied now.</returns>
    /// <exception cref="RefusedException"><c>data.newer</c> or <c>data.altered</c>, see <see cref="SchemaHistory"/>.</exception>
    /// <exception cref="OutsideException">The database did not answer.</exception>
    public Task<IReadOnlyList<string>> ApplyAsync(PostgresSource source, CancellationToken cancellation) => source.RunAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock($1)", cancellation, Lock);
            var missing = history.Missing(await AppliedAsync(connection, cancellation));
            foreach (var script in missing)
            {
                await ExecuteAsync(connection, script.Text, cancellation);
                await ExecuteAsync(connection, "INSERT INTO schema_version (version, script, sha256, applied_at) VALUES ($1, $2, $3, $4)", cancellation,
                    script.Version, script.Name, script.Digest.Hex, time.GetUtcNow().ToText());
            }
            // Also where no script was missing: somebody may have granted what nobody should have.
            if (grants)
            {
                await PostgresGrants.ApplyAsync(connection, cancellation);
            }
            await transaction.CommitAsync(cancellation);
            return (IReadOnlyList<string>)[.. missing.Select(script => script.Name)];
        },
        cancellation);

    /// <summary>That the database has exactly the form that this release knows.</summary>
    /// <exception cref="RefusedException"><c>data.older</c>, <c>data.newer</c> or <c>data.altered</c>.</exception>
    /// <exception cref="OutsideException">The database did not answer.</exception>
    public async Task RequireAsync(PostgresSource source, CancellationToken cancellation)
    {
        var applied = await source.RunAsync(connection => AppliedAsync(connection, cancellation), cancellation);
        if (history.Missing(applied) is [var first, ..])
        {
            throw new RefusedException(new Reason("data.older", "The database has the form of the release that uses it.", first.Name,
                applied.Count == 0 ? $"{source.Shown} without a schema" : $"{source.Shown} without it", "Run 'maestro db migrate' first."));
        }
    }

    private static async Task<IReadOnlyList<(int Version, string Sha256)>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var there = new NpgsqlCommand("SELECT to_regclass('schema_version') IS NOT NULL", connection);
        if (await there.ExecuteScalarAsync(cancellation) is not true)
        {
            return [];
        }
        await using var command = new NpgsqlCommand("SELECT version, sha256 FROM schema_version ORDER BY version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var applied = new List<(int, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            applied.Add((reader.GetInt32(0), reader.GetString(1)));
        }
        return applied;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "Texts are this release's own scripts.")]
    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellation, params object?[] values)
    {
        await using var command = new NpgsqlCommand(text, connection);
        command.Add(values);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
