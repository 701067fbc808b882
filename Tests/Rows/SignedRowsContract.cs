using System.Globalization;
using Maestro.Anomalies;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;
using Maestro.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Storage;

namespace Maestro.Rows;

/// <summary>
/// Rows of grains in a real database, and what somebody with access to it does to them. Each attack has its counterpart: with the rule replaced it
/// succeeds.
/// </summary>
public abstract class SignedRowsContract : IAsyncLifetime
{
    private const string Production = "env/shop/production";
    private TestDatabase _database = null!;
    private FailingLedger _ledger = null!;
    private TestCluster _cluster = null!;

    private IServiceProvider Silo => _cluster.Silo;

    private IGrainStorage Rows => Silo.GetRequiredKeyedService<IGrainStorage>("maestro");

    /// <summary>The same with the control taken away.</summary>
    private SignedRows Believing => ActivatorUtilities.CreateInstance<SignedRows>(
        Silo, Silo.GetRequiredKeyedService<IGrainStorage>(RowRegistration.Stored), (RowRule)(_ => null));

    [Fact]
    public async Task What_was_written_is_read_and_its_number_rises_where_something_that_matters_changed()
    {
        var state = await ReadAsync();
        Assert.False(state.RecordExists);
        await WriteAsync(state, environment => environment.Token = 1);
        await WriteAsync(state, environment => environment.LeaseUntil = DateTimeOffset.UnixEpoch);
        await WriteAsync(state, environment => environment.Token = 2);
        var read = await ReadAsync();
        Assert.Equal((2, DateTimeOffset.UnixEpoch, state.ETag), (read.State!.Token, read.State!.LeaseUntil, read.ETag));
        Assert.Equal([1, 2], (await FactsAsync(RowName.Written)).Select(fact => RowName.NumberIn(fact.Key)));
    }

    [Fact]
    public async Task An_edited_row_is_refused()
    {
        await WriteAsync(await ReadAsync(), environment => environment.Hold = "a rollback");
        var bytes = await BytesAsync();
        bytes[^1] ^= 1;
        Tamper(Set(Hex(bytes)));
        await RefusedAsync("row.signature");
        Assert.True((await ReadAsync(Believing)).RecordExists);
    }

    [Fact]
    public async Task A_row_that_is_put_back_to_an_older_one_is_refused()
    {
        var state = await ReadAsync();
        await WriteAsync(state, environment => environment.Token = 7);
        Tamper("CREATE TABLE kept AS SELECT * FROM OrleansStorage");
        await WriteAsync(state, environment => environment.Token = 8);
        Tamper(Set("(SELECT PayloadBinary FROM kept)"));
        await RefusedAsync("row.old");
        Assert.Equal(7, (await ReadAsync(Believing)).State!.Token);
    }

    [Fact]
    public async Task Another_grains_row_is_refused()
    {
        await WriteAsync(await ReadAsync(key: "env/shop/staging"), environment => environment.Hold = null, "env/shop/staging");
        await WriteAsync(await ReadAsync(), environment => environment.Hold = "a rollback");
        Tamper(Set("(SELECT PayloadBinary FROM OrleansStorage o WHERE o.GrainIdExtensionString = 'env/shop/staging')"));
        await RefusedAsync("row.signature");
        Assert.Null((await ReadAsync(Believing)).State!.Hold);
    }

    [Fact]
    public async Task A_row_that_was_taken_away_is_refused()
    {
        await WriteAsync(await ReadAsync(), environment => environment.Token = 7);
        Tamper("DELETE FROM OrleansStorage");
        await RefusedAsync("row.gone");
        Assert.Equal(0, (await ReadAsync(Believing)).State!.Token);
    }

    [Fact]
    public async Task A_row_without_a_signature_counts_once_a_person_accepts_it_and_never_again_after_it_changed()
    {
        await WriteAsync(await ReadAsync(), environment => environment.Token = 7);
        var bytes = await BytesAsync();
        var unsigned = Hex(bytes[(Array.IndexOf(bytes, (byte)'\n') + 1)..]);
        Tamper(Set(unsigned));
        var refusal = await RefusedAsync("row.unsigned");
        var digest = refusal.Split(' ')[^1];

        var ledger = (await _cluster.ConnectAsync("ada")).GetGrain<ILedgerGrain>("ledger/main");
        await ledger.AcceptRowAsync("row/control/environment/env/shop/production", digest, "looked at it");
        var state = await ReadAsync();
        Assert.Equal(7, state.State!.Token);
        Assert.Equal("ada", Assert.Single(await FactsAsync("row.accepted")).Actor);

        await WriteAsync(state, environment => environment.Token = 8);
        Assert.Equal(8, (await ReadAsync()).State!.Token);
        Tamper(Set(unsigned));
        await RefusedAsync("row.unsigned");
    }

    [Fact]
    public async Task Nobody_else_accepts_a_row()
    {
        var ledger = (await _cluster.ConnectAsync("bob")).GetGrain<ILedgerGrain>("ledger/main");
        Assert.NotNull(await Refused.ByAsync(() => ledger.AcceptRowAsync("row/control/environment/env/shop/production", RowName.Nothing, "please")));
    }

    [Theory]
    [InlineData("row/control/environment/env/shop/production#000000000009")]
    [InlineData("row-accepted/control/environment/env/shop/production#000000000000/nothing")]
    public async Task A_role_tells_of_no_other_roles_rows(string key)
    {
        using var scope = CallerScope.As(Role.Review);
        var ledger = Silo.GetRequiredService<IGrainFactory>().GetGrain<ILedgerGrain>("ledger/main");
        var refusal = await Refused.ByAsync(() => ledger.AppendAsync(Database.Fact(key)));
        Assert.Equal("ledger.reserved", refusal?.Reason.Code);
    }

    [Fact]
    public async Task A_silo_that_died_between_row_and_ledger_lost_nothing()
    {
        var state = await ReadAsync();
        await WriteAsync(state, environment => environment.Token = 7);
        _ledger.Fails = true;
        await Assert.ThrowsAsync<OutsideException>(() => WriteAsync(state, environment => environment.Token = 8));
        await Assert.ThrowsAsync<OutsideException>(() => ReadAsync());
        _ledger.Fails = false;
        Assert.Equal(8, (await ReadAsync()).State!.Token);
        Assert.Equal(2, (await FactsAsync(RowName.Written)).Count);
        await WriteAsync(await ReadAsync(), environment => environment.Token = 9);
        Assert.Equal(9, (await ReadAsync()).State!.Token);
    }

    [Fact]
    public async Task Of_two_rows_with_one_number_only_the_one_that_the_ledger_knows_counts()
    {
        var state = await ReadAsync();
        await WriteAsync(state, environment => environment.Token = 7);
        var second = await ReadAsync();
        Tamper("CREATE TABLE kept AS SELECT * FROM OrleansStorage");
        await WriteAsync(state, environment => environment.Holder = "a");
        Tamper("CREATE TABLE newest AS SELECT * FROM OrleansStorage");
        Tamper("DELETE FROM OrleansStorage");
        Tamper("INSERT INTO OrleansStorage SELECT * FROM kept");

        // Somebody who still has the older one in memory finds it in the database too, and writes over it.
        var refusal = await Refused.ByAsync(() => WriteAsync(second, environment => environment.Holder = "b"));
        Assert.Equal("row.other", refusal?.Reason.Code);
        await RefusedAsync("row.other");
        Tamper(Set("(SELECT PayloadBinary FROM newest)"));
        Assert.Equal("a", (await ReadAsync()).State!.Holder);
    }

    [Fact]
    public async Task A_key_that_was_replaced_counts_for_what_it_signed_and_one_that_was_revoked_for_nothing()
    {
        var keyring = Silo.GetRequiredService<IKeyring>();
        await WriteAsync(await ReadAsync(), environment => environment.Token = 7);
        var registrar = new Registrar(_cluster.Folder.Keys, TimeProvider.System);
        var old = Assert.Single(keyring.KeysOf(Role.Control));
        registrar.Rotate(Role.Control);
        await Eventually.IsTrueAsync(() => Task.FromResult(keyring.KeysOf(Role.Control).Length == 2));
        Assert.Equal(7, (await ReadAsync()).State!.Token);

        registrar.Revoke(old.Id, DateTimeOffset.MinValue);
        await Eventually.IsTrueAsync(() => Task.FromResult(keyring.KeysOf(Role.Control).Any(key => key.RevokedSince is not null)));
        await RefusedAsync("row.key");
        Assert.Equal(7, (await ReadAsync(Believing)).State!.Token);
    }

    [Fact]
    public async Task A_question_that_was_rejected_is_not_put_back_before_that_nor_answered_by_hand()
    {
        using var scope = CallerScope.As(Role.Desk);
        const string Key = "question/pr/local/acme/shop/1/1/Approval";
        var rejected = Question() with { RejectedBy = "bob", AnsweredAt = DateTimeOffset.UnixEpoch };
        await PutBackAsync<QuestionState>(
            "question", Key, new() { File = Question() }, new() { File = rejected }, read => Assert.Null(read.File!.RejectedBy));
        await EditAsync<QuestionState>(
            "question", Key, new() { File = rejected with { RejectedBy = null } }, read => Assert.Null(read.File!.RejectedBy));
    }

    [Fact]
    public async Task An_application_asks_for_no_fewer_approvals_by_hand_nor_by_an_older_row()
    {
        await PutBackAsync("applications", "applications/all", Asking(1), Asking(2), read => Assert.Equal(1, read.Applications["shop"].Production.Approvals));
        await EditAsync("applications", "applications/all", Asking(0), read => Assert.Equal(0, read.Applications["shop"].Production.Approvals));
    }

    [Fact]
    public async Task Who_holds_a_lock_and_under_which_token_is_not_edited_by_hand()
    {
        await WriteAsync(await ReadAsync(), environment => (environment.Holder, environment.Token) = ("a", 7));
        await EditAsync<EnvironmentState>("environment", Production, new() { Holder = "b", Token = 7 }, read => Assert.Equal("b", read.Holder));
        await EditAsync<EnvironmentState>("environment", Production, new() { Holder = "a", Token = 8 }, read => Assert.Equal(8, read.Token));
        await EditAsync<EnvironmentState>("environment", Production, new() { Token = 7 }, read => Assert.Null(read.Holder));
    }

    [Fact]
    public async Task A_sender_that_was_cut_off_is_not_heard_again_by_hand_nor_by_an_older_row()
    {
        var heard = Sender(cut: false);
        await PutBackAsync("senders", "senders/main", heard, Sender(cut: true), read => Assert.Null(Assert.Single(read.Files).Value.CutSince));
        await EditAsync("senders", "senders/main", heard, read => Assert.Null(Assert.Single(read.Files).Value.CutSince));
    }

    [Fact]
    public async Task What_custody_lent_is_not_edited_by_hand_nor_put_back_to_an_older_row()
    {
        using var scope = CallerScope.As(Role.Custody);
        await PutBackAsync("custody", "custody/shop/production", Lent("r1"), Lent("r1", "r2"), read => Assert.Equal("r1", Assert.Single(read.Releases).Effect));
        await EditAsync("custody", "custody/shop/production", Lent("r1", "r2", "planted"),
            read => Assert.Contains(read.Releases, release => release.Effect == "planted"));
    }

    public async ValueTask InitializeAsync()
    {
        _database = await CreateAsync();
        _ledger = new(_database.Ledger);
        _cluster = await TestCluster.StartAsync(configure: silo =>
        {
            silo.Services.AddSingleton(new OrleansDatabase(_database.Invariant, _database.Connections));
            silo.AddRows();
            silo.Services.AddLedger(_database, _ledger);
            silo.Services.AddSingleton<Refusals>();
        });
        await _cluster.EnrolAsync("ada", Role.Admin, Role.Viewer);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();

    private protected abstract string Hex(byte[] bytes);

    private static GrainId Id(string state, string key) => GrainId.Create(state, key);

    private static string Set(string payload) => $"UPDATE OrleansStorage SET PayloadBinary = {payload} WHERE GrainIdExtensionString = '{Production}'";

    /// <summary>Writes two states, and puts the first back in the second's place: it is refused, and without the control believed.</summary>
    private async Task PutBackAsync<TState>(string name, string key, TState first, TState second, Action<TState> believed) where TState : new()
    {
        var state = await StoredAsync<TState>(Rows, name, key);
        state.State = first;
        await Rows.WriteStateAsync(name, Id(name, key), state);
        Tamper($"CREATE TABLE kept_{name} AS SELECT * FROM OrleansStorage WHERE GrainTypeString = '{name}'");
        state.State = second;
        await Rows.WriteStateAsync(name, Id(name, key), state);
        Tamper($"CREATE TABLE newest_{name} AS SELECT * FROM OrleansStorage WHERE GrainTypeString = '{name}'");
        Tamper($"UPDATE OrleansStorage SET PayloadBinary = (SELECT PayloadBinary FROM kept_{name}) WHERE GrainTypeString = '{name}'");
        await RefusedAsync(key, "row.old", () => StoredAsync<TState>(Rows, name, key));
        believed((await StoredAsync<TState>(Believing, name, key)).State!);
        Tamper($"UPDATE OrleansStorage SET PayloadBinary = (SELECT PayloadBinary FROM newest_{name}) WHERE GrainTypeString = '{name}'");
        await StoredAsync<TState>(Rows, name, key);
    }

    /// <summary>Puts another state behind the signature of the stored one: it is refused, and without the control believed.</summary>
    private async Task EditAsync<TState>(string name, string key, TState wanted, Action<TState> believed) where TState : new()
    {
        var bytes = await BytesAsync(key);
        byte[] edited = [.. bytes[..(Array.IndexOf(bytes, (byte)'\n') + 1)], .. Silo.GetRequiredService<Serializer>().SerializeToArray(wanted)];
        Tamper($"UPDATE OrleansStorage SET PayloadBinary = {Hex(edited)} WHERE GrainTypeString = '{name}'");
        await RefusedAsync(key, "row.signature", () => StoredAsync<TState>(Rows, name, key));
        believed((await StoredAsync<TState>(Believing, name, key)).State!);
    }

    private static async Task<GrainState<TState>> StoredAsync<TState>(IGrainStorage rows, string name, string key) where TState : new()
    {
        var state = new GrainState<TState>(new());
        await rows.ReadStateAsync(name, Id(name, key), state);
        return state;
    }

    private static QuestionFile Question() => new(
        new("pr/local/acme/shop/1", 1, Stage.Approval, 1, "a", "b", null, null, "production", "nonce", DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddDays(1), 1, [], ["alice"], "?", [], []),
        "{}", "core", []);

    private static ApplicationsState Asking(int approvals)
    {
        var state = new ApplicationsState();
        state.Applications["shop"] = new(
            "shop", "local", "acme", "/srv/shop.git", "core", "local", new("staging", 5001, 1), new("production", 5002, approvals));
        return state;
    }

    private static SendersState Sender(bool cut)
    {
        var state = new SendersState();
        state.Files[SendersState.KeyOf("role:control", "role:review")] = new()
        {
            Receiver = "role:control",
            Sender = "role:review",
            CutSince = cut ? DateTimeOffset.UnixEpoch : null,
            Why = cut ? "anomaly.rate-limit" : null,
        };
        return state;
    }

    private static CustodyState Lent(params string[] effects)
    {
        var state = new CustodyState();
        foreach (var effect in effects)
        {
            state.Keep(new LentRelease(effect, "image", "signature"));
        }
        return state;
    }

    private async Task<GrainState<EnvironmentState>> ReadAsync(IGrainStorage? rows = null, string key = Production)
    {
        var state = new GrainState<EnvironmentState>(new());
        await (rows ?? Rows).ReadStateAsync("environment", Id("environment", key), state);
        return state;
    }

    private Task WriteAsync(GrainState<EnvironmentState> state, Action<EnvironmentState> change, string key = Production)
    {
        change(state.State!);
        return Rows.WriteStateAsync("environment", Id("environment", key), state);
    }

    private Task<string> RefusedAsync(string code) => RefusedAsync(Production, code, () => ReadAsync());

    // With the ledger's entry that says why.
    private async Task<string> RefusedAsync(string key, string code, Func<Task> read)
    {
        var before = (await FactsAsync("row.refused")).Count;
        var refusal = await Refused.ByAsync(read);
        Assert.Equal(code, refusal?.Reason.Code);
        var fact = (await FactsAsync("row.refused")).Skip(before).Single();
        Assert.Equal((key, true), (fact.Subject, fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal)));
        return refusal!.Reason.WayOut;
    }

    private async Task<byte[]> BytesAsync(string key = Production)
    {
        await using var connection = await _database.Connections.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT PayloadBinary FROM OrleansStorage WHERE GrainIdExtensionString = @key";
        var wanted = command.CreateParameter();
        (wanted.ParameterName, wanted.Value) = ("key", key);
        command.Parameters.Add(wanted);
        return (byte[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private void Tamper(string sql) => _database.Tamper(sql);

    private async Task<List<LedgerFact>> FactsAsync(string kind) =>
        [.. (await _database.Ledger.ReadAsync(0, 1000, TestContext.Current.CancellationToken)).Select(entry => entry.Fact).Where(fact => fact.Kind == kind)];
}

public sealed class SqliteSignedRowsTests : SignedRowsContract
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());

    private protected override string Hex(byte[] bytes) => $"X'{Convert.ToHexString(bytes)}'";
}

public sealed class PostgresSignedRowsTests : SignedRowsContract
{
    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();

    private protected override string Hex(byte[] bytes) => string.Create(CultureInfo.InvariantCulture, $"'\\x{Convert.ToHexString(bytes)}'::bytea");
}
