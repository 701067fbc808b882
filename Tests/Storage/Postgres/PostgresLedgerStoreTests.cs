namespace Maestro.Storage.Postgres;

public sealed class PostgresLedgerStoreTests : LedgerStoreContract
{
    protected override string Changed => "convert_to(replace(convert_from(body, 'UTF8'), 'role:review', 'ann'), 'UTF8')";

    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();
}
