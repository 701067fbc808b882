using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Storage;

public sealed class SchemaTests : SchemaContract
{
    private protected override ImmutableArray<SchemaScript> Scripts => SchemaScript.Sqlite;

    [Fact]
    public void Connections_flush_every_commit_and_wait_for_others()
    {
        using var database = new Database();
        using var connection = database.Source.Open();
        Assert.Equal("wal", connection.Select("PRAGMA journal_mode", row => row.GetString(0))[0]);
        Assert.Equal(2, connection.Select("PRAGMA synchronous", row => row.GetInt32(0))[0]);
        Assert.Equal(5000, connection.Select("PRAGMA busy_timeout", row => row.GetInt32(0))[0]);
        Assert.Equal(1, connection.Select("PRAGMA foreign_keys", row => row.GetInt32(0))[0]);
    }

    [Fact]
    public void A_file_that_is_nodatabase_is_damage()
    {
        using var database = new Database();
        File.WriteAllText(database.In("other.db"), new string('x', 5000));
        using var source = new SqliteSource(database.In("other.db"));
        Assert.Equal("storage.damaged", Assert.Throws<OutsideException>(() => new Schema(TimeProvider.System).Apply(source)).Reason.Code);
    }

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());

    private protected override Task<IReadOnlyList<string>> ApplyAsync(TestDatabase database, ImmutableArray<SchemaScript> scripts) =>
        Task.Run(() => new Schema(scripts, TimeProvider.System).Apply(((Database)database).Source));
}
