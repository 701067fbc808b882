namespace Maestro.Storage;

public sealed class SqliteOutagesTests : OutagesContract
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());
}
