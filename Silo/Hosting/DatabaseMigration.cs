using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Hosting;

/// <summary>Brings a database to the form of this release. Several may do it at once: one does, the others wait.</summary>
/// <param name="Database">Which one it was, without its password.</param>
/// <param name="Applied">The names of the scripts that were applied now.</param>
public sealed record DatabaseMigration(string Database, IReadOnlyList<string> Applied)
{
    /// <exception cref="Deployments.RefusedException">A newer release wrote it, or somebody altered it.</exception>
    /// <exception cref="Outside.OutsideException">The database did not answer.</exception>
    public static async Task<DatabaseMigration> OfPostgresAsync(string text, TimeProvider time, CancellationToken cancellation)
    {
        await using var source = new PostgresSource(text);
        return new(source.Shown, await new PostgresSchema(time).ApplyAsync(source, cancellation));
    }

    /// <inheritdoc cref="OfPostgresAsync"/>
    public static async Task<DatabaseMigration> OfFolderAsync(string folder, TimeProvider time)
    {
        using var data = DataFolder.Open(folder);
        await using var source = new SqliteSource(data.Database);
        return new(data.Database, new Schema(time).Apply(source));
    }
}
