namespace Maestro.Storage.Postgres;

public sealed class PostgresOutagesTests : OutagesContract
{
    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();
}
