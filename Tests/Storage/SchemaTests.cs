using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

public sealed class SchemaTests : IDisposable
{
    private readonly Database _database = new();

    [Fact]
    public void Scripts_are_numbered_without_gaps() =>
        Assert.Equal(Enumerable.Range(1, SchemaScript.Sqlite.Length), SchemaScript.Embedded.Select(script => script.Version));

    [Fact]
    public void Applying_again_is_success() => new Schema(TimeProvider.System).Apply(_database.Source);

    [Fact]
    public void A_newer_database_is_refused()
    {
        var older = SchemaScript.Sqlite[..^1];
        var refused = Assert.Throws<RefusedException>(() => new Schema(older, TimeProvider.System).Apply(_database.Source));
        Assert.Equal("data.newer", refused.Reason.Code);

        _database.Tamper("DELETE FROM schema_version WHERE version = (SELECT MAX(version) FROM schema_version)");
        new Schema(older, TimeProvider.System).Apply(_database.Source);
    }

    [Fact]
    public void An_altered_script_is_refused()
    {
        var scripts = SchemaScript.Sqlite;
        var altered = SchemaScript.Of(scripts[^1].Name, Encoding.UTF8.GetBytes(scripts[^1].Text + "-- another\n"));
        var schema = new Schema(scripts.SetItem(scripts.Length - 1, altered), TimeProvider.System);
        var refused = Assert.Throws<RefusedException>(() => schema.Apply(_database.Source));
        Assert.Equal("data.altered", refused.Reason.Code);
        Assert.Contains(scripts[^1].Name, refused.Message, StringComparison.Ordinal);

        _database.Tamper($"UPDATE schema_version SET sha256 = '{altered.Digest.Hex}' WHERE version = {altered.Version}");
        schema.Apply(_database.Source);
    }

    [Fact]
    public void A_script_that_fails_leaves_nothing_behind()
    {
        var scripts = SchemaScript.Sqlite;
        var next = $"{scripts.Length + 1:0000}-next.sql";
        var broken = SchemaScript.Of(next, Encoding.UTF8.GetBytes("CREATE TABLE half (a); CREATE TABLE ledger (a);"));
        Assert.Throws<OutsideException>(() => new Schema(scripts.Add(broken), TimeProvider.System).Apply(_database.Source));
        var mended = SchemaScript.Of(next, Encoding.UTF8.GetBytes("CREATE TABLE half (a);"));
        new Schema(scripts.Add(mended), TimeProvider.System).Apply(_database.Source);
    }

    [Fact]
    public void Connections_flush_every_commit_and_wait_for_others()
    {
        using var connection = _database.Source.Open();
        Assert.Equal("wal", connection.Select("PRAGMA journal_mode", row => row.GetString(0))[0]);
        Assert.Equal(2, connection.Select("PRAGMA synchronous", row => row.GetInt32(0))[0]);
        Assert.Equal(5000, connection.Select("PRAGMA busy_timeout", row => row.GetInt32(0))[0]);
        Assert.Equal(1, connection.Select("PRAGMA foreign_keys", row => row.GetInt32(0))[0]);
    }

    [Fact]
    public void A_file_that_is_no_database_is_damage()
    {
        File.WriteAllText(_database.In("other.db"), new string('x', 5000));
        using var source = new SqliteSource(_database.In("other.db"));
        Assert.Equal("storage.damaged", Assert.Throws<OutsideException>(() => new Schema(TimeProvider.System).Apply(source)).Reason.Code);
    }

    public void Dispose() => _database.Dispose();
}
