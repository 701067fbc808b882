using Maestro.Outside;
using Maestro.Rows;
using Maestro.Storage.Postgres;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Maestro.Storage;

/// <summary>
/// What a grain's own state meets at the database leaves the grain as what it means, an <see cref="OutsideException"/>: no caller has to know
/// a driver's exceptions, and another process could not even read them.
/// </summary>
internal sealed class DatabaseFaults(IServiceProvider services) : IIncomingGrainCallFilter
{
    private readonly string _database = services.GetService<PostgresSource>()?.Shown ?? "the database";

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception failure) when (Meaning(failure) is { } meaning)
        {
            throw meaning;
        }
    }

    private Exception? Meaning(Exception failure)
    {
        if (failure is OrleansException && RowFaults.MeaningOf(failure) is { } refused)
        {
            return refused;
        }
        for (var cause = failure; cause is not null and not OutsideException; cause = cause.InnerException)
        {
            switch (cause)
            {
                case NpgsqlException ofPostgres:
                    return PostgresFailure.Of(ofPostgres, _database);
                case SqliteException ofSqlite:
                    return StorageFailure.Of(ofSqlite);
            }
        }
        return null;
    }
}
