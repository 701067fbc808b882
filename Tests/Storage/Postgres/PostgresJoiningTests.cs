using Maestro.Identity;

namespace Maestro.Storage.Postgres;

public sealed class PostgresJoiningTests : JoiningContract
{
    private protected override Task<TestDatabase> OpenAsync() => PostgresDatabase.CreateAsync();
}
