namespace Maestro.Storage;

public sealed class OrleansStorageTests : OrleansStorageContract
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());
}
