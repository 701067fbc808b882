namespace Maestro.Storage;

public sealed class SqliteLedgerStoreTests : LedgerStoreContract
{
    protected override string Changed => "CAST(replace(CAST(body AS TEXT), 'role:review', 'ann') AS BLOB)";

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());
}
