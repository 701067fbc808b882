using System.Collections.Immutable;
using System.Text;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Identity;

/// <summary>Silos that join with tickets of an offline root, over a database of either kind.</summary>
public abstract class JoiningContract : IAsyncLifetime
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("a message");

    private readonly Folder _office = new();
    private readonly Clock _clock = new();
    private readonly List<Folder> _silos = [];
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Registrar Registrar => new(_office.Keys, _clock);

    private string Root => KeyRegistry.RootOf(_office.Keys);

    private protected abstract Task<TestDatabase> OpenAsync();

    public async ValueTask InitializeAsync()
    {
        _database = await OpenAsync();
        Registrar.Found();
    }

    public async ValueTask DisposeAsync()
    {
        _office.Dispose();
        _silos.ForEach(folder => folder.Dispose());
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_silo_joins_with_keys_of_its_own_and_the_others_learn_of_them()
    {
        var (control, review) = (await JoinedAsync("control-1", Role.Control), await JoinedAsync("review-1", Role.Review));
        using var own = KeyringOf(review, Role.Review);
        using var other = await CaughtUpAsync(control, Role.Control);
        Assert.True(other.Verify(Role.Review, Message, own.Sign(Role.Review, Message)));
        Assert.False(other.Verify(Role.Control, Message, own.Sign(Role.Review, Message)));
        Assert.Equal("review-1", Assert.Single(other.KeysOf(Role.Review)).Holder);
        Assert.Empty(Directory.GetFiles(review.Keys, KeyRegistry.RootKey));
        Assert.Throws<OutsideException>(() => KeyringOf(review, Role.Control));
    }

    [Fact]
    public async Task A_ticket_is_good_for_one_joining_and_joining_again_with_it_changes_nothing()
    {
        var ticket = Ticket("review-1", Role.Review);
        var first = await JoinedAsync("review-1", ticket, Role.Review);
        await JoinAsync(first, "review-1", ticket, Role.Review);
        Assert.Single(Directory.GetFiles(first.Keys, "review*.key"));

        Assert.Equal("join.used", await CodeAsync(Silo(), "review-1", ticket, Role.Review));
        // A silo that died after it had joined and before it knew finds its own joining.
        Directory.Delete(Path.Combine(first.Keys, "joined"), recursive: true);
        await JoinAsync(first, "review-1", ticket, Role.Review);
        using var keyring = KeyringOf(first, Role.Review);
        Assert.Single(keyring.KeysOf(Role.Review));
    }

    [Fact]
    public async Task A_ticket_binds_name_roles_and_time()
    {
        var ticket = Ticket("review-1", Role.Review);
        Assert.Equal("join.silo", await CodeAsync(Silo(), "review-2", ticket, Role.Review));
        Assert.Equal("join.roles", await CodeAsync(Silo(), "review-1", ticket, Role.Review, Role.Deployment));
        _clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal("join.expired", await CodeAsync(Silo(), "review-1", ticket, Role.Review));
        Assert.Empty(await _database.Trust.ReadAsync(0, 10, Cancellation));
    }

    [Fact]
    public async Task Neither_a_ticket_of_another_root_nor_rows_that_somebody_made_let_a_silo_in()
    {
        using var foreign = new Folder();
        var stranger = new Registrar(foreign.Keys, _clock);
        stranger.Found();
        var path = foreign["ticket"];
        stranger.Invite("deployment-1", [Role.Deployment], TimeSpan.FromHours(1), path, foreign.RosterPath);
        var control = await JoinedAsync("control-1", Role.Control);
        await JoinAsync(Silo(), "deployment-1", path, Role.Deployment);
        var registry = await File.ReadAllBytesAsync(Path.Combine(foreign.Keys, KeyRegistry.FileName), Cancellation);
        await _database.Trust.AddAsync(TrustDocument.Registry, 1000, registry, Cancellation);
        await _database.Trust.AddAsync(TrustDocument.Roster, 1000, "nothing"u8.ToArray(), Cancellation);
        await _database.Trust.AddAsync(TrustDocument.Roster, 1001, "{\"\\ud800\":1}"u8.ToArray(), Cancellation);
        await _database.Trust.AddAsync(TrustDocument.Join + "x", 1, "{\"ticket\":null,\"joined\":null}"u8.ToArray(), Cancellation);

        using var keyring = await CaughtUpAsync(control, Role.Control);
        Assert.Empty(keyring.KeysOf(Role.Deployment));
        Assert.Equal("join.root", await CodeAsync(control, "deployment-1", path, Role.Deployment));
    }

    [Fact]
    public async Task A_joining_that_comes_after_its_tickets_end_is_not_believed_by_who_was_watching()
    {
        var control = await JoinedAsync("control-1", Role.Control);
        await JoinedAsync("deployment-1", Role.Deployment);
        var document = (await _database.Trust.ReadAsync(0, 10, Cancellation))[^1];
        var folder = new TrustFolder(control.Keys, control.RosterPath, Root);
        Assert.Equal("keys.joining", Assert.Throws<OutsideException>(() => folder.Take(document, _clock.GetUtcNow().AddHours(2))).Reason.Code);
        // Nor later, when nobody knows any more when it came.
        Assert.Throws<OutsideException>(() => folder.Take(document, null));
        var other = await JoinedAsync("control-2", Role.Control);
        Assert.True(new TrustFolder(other.Keys, other.RosterPath, Root).Take(document, _clock.GetUtcNow().AddMinutes(1)).IsNew);
    }

    [Fact]
    public async Task A_withdrawn_ticket_takes_the_keys_along_that_joined_with_it()
    {
        var control = await JoinedAsync("control-1", Role.Control);
        var ticket = Ticket("review-1", Role.Review);
        var review = await JoinedAsync("review-1", ticket, Role.Review);
        using var own = KeyringOf(review, Role.Review);
        var signed = own.Sign(Role.Review, Message);
        Assert.True(Registrar.Withdraw(JoinTicket.Of(TicketFile.Read(ticket).Ticket, Root).Id));
        await PublishAsync();
        using var keyring = await CaughtUpAsync(control, Role.Control);
        Assert.Null(keyring.SignerOf(Role.Review, Message, signed));
    }

    [Fact]
    public async Task A_silo_that_joins_again_replaces_its_own_keys_and_nobody_elses()
    {
        var (control, first) = (await JoinedAsync("control-1", Role.Control), await JoinedAsync("review-1", Role.Review));
        await JoinedAsync("review-2", Role.Review);
        using var own = KeyringOf(first, Role.Review);
        var signed = own.Sign(Role.Review, Message);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await JoinedAsync("review-1", Role.Review);
        _clock.Advance(TimeSpan.FromMinutes(2));
        using var keyring = await CaughtUpAsync(control, Role.Control);
        Assert.False(keyring.Verify(Role.Review, Message, signed));
        Assert.Equal(["review-1", "review-2"], keyring.KeysOf(Role.Review).Where(key => key.SignsAt(_clock.GetUtcNow())).Select(key => key.Holder).Order());
    }

    [Fact]
    public async Task Nobody_joins_with_a_key_that_they_do_not_have()
    {
        var review = await JoinedAsync("review-1", Role.Review);
        var file = TicketFile.Read(Ticket("deployment-1", Role.Deployment));
        var ticket = JoinTicket.Of(file.Ticket, Root);
        using var key = KeyFile.Of("ticket", Convert.FromBase64String(file.Seed));
        using var own = KeyringOf(review, Role.Review);
        var stolen = Convert.ToBase64String(own.PublicKeyOf(Role.Review));
        var joined = new Joined(ticket.Id, [new(Role.Deployment, stolen, Convert.ToBase64String(own.Sign(Role.Review, Message)))], _clock.GetUtcNow());
        var envelope = Dsse.Sign("application/vnd.maestro.joined+json",
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(joined, StatementJson.Strict), "ticket", key.Sign);
        Assert.Equal("keys.joining", Assert.Throws<OutsideException>(() => new Joining(file.Ticket, envelope).Open(Root)).Reason.Code);
    }

    [Fact]
    public async Task A_database_that_is_put_back_takes_no_silo_back_to_an_older_registry()
    {
        var (control, review) = (await JoinedAsync("control-1", Role.Control), await JoinedAsync("review-1", Role.Review));
        using var own = KeyringOf(review, Role.Review);
        var signed = own.Sign(Role.Review, Message);
        await PublishAsync();
        using var before = await CaughtUpAsync(control, Role.Control);
        var older = await File.ReadAllBytesAsync(Path.Combine(control.Keys, KeyRegistry.FileName), Cancellation);
        Registrar.Revoke(Assert.Single(before.KeysOf(Role.Review)).Id, DateTimeOffset.MinValue, control.Keys);
        await PublishAsync();
        Assert.False(await BelievesAsync());

        const string PutBack = $"DELETE FROM trust_document WHERE kind = '{TrustDocument.Registry}'";
        Assert.ThrowsAny<Exception>(() => _database.Tamper(PutBack));
        _database.Tamper(_database.Invariant == "Npgsql"
            ? "DROP TRIGGER trust_document_append_only ON trust_document" : "DROP TRIGGER trust_document_no_delete");
        _database.Tamper(PutBack);
        Assert.False(await BelievesAsync());

        // The control replaced: a silo that has no memory of its own.
        await File.WriteAllBytesAsync(Path.Combine(control.Keys, KeyRegistry.FileName), older, Cancellation);
        Assert.True(await BelievesAsync());

        async Task<bool> BelievesAsync()
        {
            using var keyring = await CaughtUpAsync(control, Role.Control);
            return keyring.Verify(Role.Review, Message, signed);
        }
    }

    [Fact]
    public async Task Documents_keep_their_order_also_where_many_come_at_once()
    {
        var added = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => _database.Trust.AddAsync("test", number, new byte[] { 1 }, Cancellation)));
        Assert.All(added, Assert.True);
        Assert.False(await _database.Trust.AddAsync("test", 3, new byte[] { 1 }, Cancellation));
        Assert.True(await _database.Trust.AddAsync("test", 3, new byte[] { 2 }, Cancellation));
        Assert.Equal(Enumerable.Range(1, 9).Select(place => (long)place), (await _database.Trust.ReadAsync(0, 100, Cancellation)).Select(one => one.Place));
        Assert.Equal([5L, 6], (await _database.Trust.ReadAsync(4, 2, Cancellation)).Select(one => one.Place));
    }

    private Folder Silo()
    {
        var folder = new Folder();
        _silos.Add(folder);
        return folder;
    }

    private string Ticket(string silo, params ImmutableArray<Role> roles)
    {
        var path = _office[$"{Guid.NewGuid():N}.join"];
        Registrar.Invite(silo, roles, TimeSpan.FromHours(1), path, _office.RosterPath);
        return path;
    }

    private Task<Folder> JoinedAsync(string silo, params ImmutableArray<Role> roles) => JoinedAsync(silo, Ticket(silo, roles), roles);

    private async Task<Folder> JoinedAsync(string silo, string ticket, params ImmutableArray<Role> roles)
    {
        var folder = Silo();
        await JoinAsync(folder, silo, ticket, roles);
        return folder;
    }

    private Task JoinAsync(Folder folder, string silo, string ticket, params ImmutableArray<Role> roles) =>
        new SiloJoining(_database.Trust, folder.Keys, folder.RosterPath, _clock).JoinAsync(ticket, silo, roles, null, Cancellation);

    private async Task<string?> CodeAsync(Folder folder, string silo, string ticket, params ImmutableArray<Role> roles) =>
        (await Assert.ThrowsAsync<RefusedException>(() => JoinAsync(folder, silo, ticket, roles))).Reason.Code;

    private async Task PublishAsync()
    {
        foreach (var (kind, number, content) in new TrustFolder(_office.Keys, _office.RosterPath, Root).Documents)
        {
            await _database.Trust.AddAsync(kind, number, content, Cancellation);
        }
    }

    private async Task<FileKeyring> CaughtUpAsync(Folder folder, params Role[] roles)
    {
        await SiloJoining.CatchUpAsync(_database.Trust, new(folder.Keys, folder.RosterPath, Root), Cancellation);
        return KeyringOf(folder, roles);
    }

    private FileKeyring KeyringOf(Folder folder, params Role[] roles) => FileKeyring.Open(
        folder.Keys, Root, roles, new RosterFile(
            folder.RosterPath, Root, _clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<RosterFile>.Instance), _clock);
}

public sealed class SqliteJoiningTests : JoiningContract
{
    private protected override Task<TestDatabase> OpenAsync() => Task.FromResult<TestDatabase>(new Database());
}
