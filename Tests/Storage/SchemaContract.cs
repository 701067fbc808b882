using System.Collections.Immutable;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>How a database comes to the form of a release, whichever kind it is.</summary>
public abstract class SchemaContract : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private protected abstract ImmutableArray<SchemaScript> Scripts { get; }

    [Fact]
    public void Scripts_are_numbered_in_order_and_no_number_is_used_twice()
    {
        Assert.Equal(Scripts.Select(script => script.Version).Order().Distinct(), Scripts.Select(script => script.Version));
        // What both databases have is in both, in one order, beside what only a cluster needs.
        Assert.Equal(SchemaScript.Sqlite.Select(Subject), Scripts.Select(Subject).Where(subject => subject is not ("cluster.sql" or "sign-in.sql")));
    }

    private static string Subject(SchemaScript script) => script.Name[(script.Name.IndexOf('-', StringComparison.Ordinal) + 1)..];

    [Fact]
    public async Task Applying_again_is_success() => Assert.Empty(await ApplyAsync(_database, Scripts));

    [Fact]
    public async Task A_newer_database_is_refused()
    {
        var older = Scripts[..^1];
        await Expect.RefusedAsync("data.newer", () => ApplyAsync(_database, older));

        _database.Tamper("DELETE FROM schema_version WHERE version = (SELECT MAX(version) FROM schema_version)");
        Assert.Empty(await ApplyAsync(_database, older));
    }

    [Fact]
    public async Task An_altered_script_is_refused()
    {
        var altered = SchemaScript.Of(Scripts[^1].Name, Encoding.UTF8.GetBytes(Scripts[^1].Text + "-- another\n"));
        var scripts = Scripts.SetItem(Scripts.Length - 1, altered);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => ApplyAsync(_database, scripts));
        Assert.Equal("data.altered", refused.Reason.Code);
        Assert.Contains(altered.Name, refused.Message, StringComparison.Ordinal);

        _database.Tamper($"UPDATE schema_version SET sha256 = '{altered.Digest.Hex}' WHERE version = {altered.Version}");
        Assert.Empty(await ApplyAsync(_database, scripts));
    }

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_behind()
    {
        var next = $"{Scripts.Length + 1:0000}-next.sql";
        var broken = SchemaScript.Of(next, "CREATE TABLE half (a INTEGER); CREATE TABLE ledger (a INTEGER);"u8.ToArray());
        await Assert.ThrowsAsync<OutsideException>(() => ApplyAsync(_database, Scripts.Add(broken)));
        var mended = SchemaScript.Of(next, "CREATE TABLE half (a INTEGER);"u8.ToArray());
        Assert.Equal([next], await ApplyAsync(_database, Scripts.Add(mended)));
    }

    public async ValueTask InitializeAsync() => _database = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();

    private protected abstract Task<IReadOnlyList<string>> ApplyAsync(TestDatabase database, ImmutableArray<SchemaScript> scripts);
}
