using System.Text;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Storage;
using Maestro.Storage.Postgres;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Identity;

/// <summary>Rosters and registries that somebody puts into the database of a real silo, and rows of the root's that are edited or put back.</summary>
public abstract class DisownedTrustContract : IAsyncLifetime
{
    private const string Disowned = "keys.disowned";
    private MessageSilo _silo = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ITrustStore Trust => _silo.Services.GetRequiredService<ITrustStore>();

    private Person? Mallory => _silo.Services.GetRequiredService<IDirectory>().Find("mallory");

    private Roster Known => Roster.Read(_silo.Roster, _silo.Root);

    [Fact]
    public async Task Only_the_roots_newest_roster_counts_and_what_else_is_there_is_told()
    {
        var (older, number) = (await File.ReadAllBytesAsync(_silo.Roster, Cancellation), Known.Number);
        await UntilOfferedAsync(number);
        await _silo.EnrolAsync("mallory", [Role.Viewer]);
        await UntilOfferedAsync(number + 1);

        using var foreign = new Folder();
        await AddAsync(TrustDocument.Roster, number + 2, Edited(_silo.Roster), "keys.signed-file");
        await AddAsync(TrustDocument.Roster, 1000, await ForeignRosterAsync(foreign), "keys.signed-file");
        await AddAsync(TrustDocument.Roster, number + 3, older, "keys.number");
        AssertKept();

        // Also where a row that was the root's own is put back to an older one.
        Tamper($"{WithoutGuard}; UPDATE trust_document SET content = (SELECT o.content FROM trust_document o WHERE o.kind = 'roster' AND o.number = {number}) "
            + $"WHERE kind = 'roster' AND number = {number + 1}");
        await _silo.RestartAsync();
        await UntilToldAsync(older, number + 1, "keys.number");
        AssertKept();

        // The control is the root's signature: what it signed is taken from the very same rows.
        var path = foreign["roster.json"];
        File.Copy(_silo.Roster, path);
        await new Enrolment(_silo.Keys, path).EnrolAsync("mallory", null, [Role.Admin], null, foreign.Personal, Cancellation);
        Assert.True(await Trust.AddAsync(TrustDocument.Roster, number + 2, await File.ReadAllBytesAsync(path, Cancellation), Cancellation));
        await Eventually.IsTrueAsync(() => Task.FromResult(Mallory?.Roles.Contains(Role.Admin) == true));

        void AssertKept()
        {
            Assert.Equal(number + 1, Known.Number);
            Assert.Equal([Role.Viewer], Mallory!.Roles);
        }
    }

    [Fact]
    public async Task Only_the_roots_newest_registry_counts_and_of_a_flood_the_ledger_takes_some()
    {
        var path = KeyRegistry.PathIn(_silo.Keys);
        var (older, before) = (await File.ReadAllBytesAsync(path, Cancellation), KeyRegistry.Read(_silo.Keys, _silo.Root).Number);
        new Registrar(_silo.Keys, TimeProvider.System).Rotate(Role.Review);
        using var foreign = new Folder();
        new Registrar(foreign.Keys, TimeProvider.System).Found();
        await AddAsync(TrustDocument.Registry, 1000, await File.ReadAllBytesAsync(KeyRegistry.PathIn(foreign.Keys), Cancellation), "keys.signed-file");
        await AddAsync(TrustDocument.Registry, before + 5, Edited(path), "keys.signed-file");
        await AddAsync(TrustDocument.Registry, before + 6, older, "keys.number");
        Assert.Equal(before + 1, KeyRegistry.Read(_silo.Keys, _silo.Root).Number);
        Assert.Equal(2, _silo.Keyring.KeysOf(Role.Review).Length);

        const int Flood = 3 * RefusalPace.AMinute;
        for (var i = 0; i < Flood; i++)
        {
            await Trust.AddAsync(TrustDocument.Registry, 2000 + i, Encoding.UTF8.GetBytes($"{{\"{i}\":1}}"), Cancellation);
        }
        await Eventually.IsTrueAsync(() => Task.FromResult(_silo.Log.Count($"A registry with number {2000 + Flood - 1} in the database") > 0));
        await AddAsync(TrustDocument.Roster, 3000, await File.ReadAllBytesAsync(_silo.Roster, Cancellation), "keys.number");
        Assert.InRange((await ToldAsync()).Count(fact => fact.Body.Contains("\"number\":20", StringComparison.Ordinal)), 1, RefusalPace.AMinute * Silos);
    }

    public async ValueTask InitializeAsync()
    {
        _silo = await OpenAsync();
        await _silo.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private protected virtual int Silos => 1;

    /// <summary>The file that the silo on its own stores in.</summary>
    private protected string DatabaseFile => _silo.File;

    private protected abstract string WithoutGuard { get; }

    private protected abstract Task<MessageSilo> OpenAsync();

    private protected abstract Task CloseAsync();

    private protected abstract void Tamper(string sql);

    private Task UntilOfferedAsync(long number) => Eventually.IsTrueAsync(async () => (await Trust.ReadAsync(0, 100, Cancellation)).Any(
        document => document.Kind == TrustDocument.Roster && document.Number == number));

    // As any login may.
    private async Task AddAsync(string kind, long number, byte[] content, string code)
    {
        Assert.True(await Trust.AddAsync(kind, number, content, Cancellation));
        await UntilToldAsync(content, number, code);
    }

    private async Task UntilToldAsync(byte[] content, long number, string code)
    {
        await Eventually.IsTrueAsync(async () => (await ToldAsync()).Any(fact => fact.Body.Contains(Digest.Of(content).Hex, StringComparison.Ordinal)
            && fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal) && fact.Body.Contains($"\"number\":{number},", StringComparison.Ordinal)));
        Assert.NotEqual(0, _silo.Log.Count($"with number {number} in the database is not what the root signed"));
    }

    private async Task<LedgerFact[]> ToldAsync() => [.. (await _silo.SubjectAsync("")).Where(fact => fact.Kind == Disowned)];

    // One letter of what was signed is another one.
    private static byte[] Edited(string path)
    {
        var text = File.ReadAllText(path);
        var at = text.IndexOf("\"payload\"", StringComparison.Ordinal) + 40;
        return Encoding.UTF8.GetBytes($"{text[..at]}{(text[at] == 'A' ? 'B' : 'A')}{text[(at + 1)..]}");
    }

    private static async Task<byte[]> ForeignRosterAsync(Folder foreign)
    {
        new Registrar(foreign.Keys, TimeProvider.System).Found();
        await new Enrolment(foreign.Keys, foreign.RosterPath).EnrolAsync(
            "mallory", ["mallory@maestro.example"], [Role.Admin], ["core"], foreign.Personal, Cancellation);
        return await File.ReadAllBytesAsync(foreign.RosterPath, Cancellation);
    }
}

public sealed class SqliteDisownedTrustTests : DisownedTrustContract
{
    private protected override string WithoutGuard => "DROP TRIGGER trust_document_no_update";

    private protected override Task<MessageSilo> OpenAsync() => Task.FromResult(new MessageSilo());

    private protected override Task CloseAsync() => Task.CompletedTask;

    private protected override void Tamper(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }
}

public sealed class PostgresDisownedTrustTests : DisownedTrustContract
{
    private PostgresDatabase _database = null!;

    private protected override int Silos => 2;

    private protected override string WithoutGuard => "DROP TRIGGER trust_document_append_only ON trust_document";

    private protected override async Task<MessageSilo> OpenAsync()
    {
        _database = await PostgresDatabase.OwnAsync();
        return new() { Database = _database.Text };
    }

    private protected override async Task CloseAsync() => await _database.DisposeAsync();

    private protected override void Tamper(string sql) => _database.Tamper(sql);
}
