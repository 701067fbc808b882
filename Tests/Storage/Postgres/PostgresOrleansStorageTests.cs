namespace Maestro.Storage.Postgres;

public sealed class PostgresOrleansStorageTests : OrleansStorageContract
{
    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();
}
