using Maestro.Audit;

namespace Maestro.Storage.Postgres;

public sealed class PostgresCheckpointTests : CheckpointContract
{
    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();
}
