using Maestro.Audit;

namespace Maestro.Storage.Postgres;

public sealed class PostgresOutsideWitnessTests : OutsideWitnessContract
{
    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();
}
