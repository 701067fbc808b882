using System.Data.Common;
using Maestro.Outside;
using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Messages;

/// <summary>What every <see cref="INonceStore"/> does, whichever database it is in.</summary>
public abstract class NonceStoreContract : IAsyncLifetime
{
    private static readonly DateTimeOffset Until = new(2020, 1, 1, 0, 10, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = new(2199, 1, 1, 0, 10, 0, TimeSpan.Zero);
    private TestDatabase _database = null!;

    private bool IsPostgres => _database.Invariant == PostgresSource.Invariant;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_nonce_is_used_once_by_each_receiver_also_after_a_restart()
    {
        Assert.Equal((true, false), (await UseAsync("a", "one"), await UseAsync("a", "one")));
        Assert.Equal((true, true), (await UseAsync("b", "one"), await UseAsync("a", "two")));
        Assert.False(await UseAsync("b", "one"));
    }

    [Fact]
    public async Task Of_many_that_use_one_at_once_one_may()
    {
        await using var first = new OpenedNonces(_database.OpenNonces());
        await using var second = new OpenedNonces(_database.OpenNonces());
        var used = await Task.WhenAll(Enumerable.Range(0, 64).SelectMany(number => new[]
        {
            first.Store.UseAsync("a", $"nonce-{number / 4}", Until), second.Store.UseAsync("a", $"nonce-{number / 4}", Until),
        }));
        Assert.Equal(16, used.Count(one => one));
    }

    [Fact]
    public async Task What_is_too_old_is_forgotten_in_batches_and_nothing_else()
    {
        await using var nonces = new OpenedNonces(_database.OpenNonces());
        foreach (var number in Enumerable.Range(0, 5))
        {
            await nonces.Store.UseAsync("old", $"nonce-{number}", Until);
        }
        await nonces.Store.UseAsync("new", "nonce", Until.AddSeconds(1));
        Assert.Equal(0, await nonces.Store.ForgetAsync(Until, 10, Cancellation));
        Assert.Equal(3, await nonces.Store.ForgetAsync(Until.AddSeconds(1), 3, Cancellation));
        Assert.Equal(2, await nonces.Store.ForgetAsync(Until.AddSeconds(1), 3, Cancellation));
        Assert.Equal((true, false), (await nonces.Store.UseAsync("old", "nonce-1", Until), await nonces.Store.UseAsync("new", "nonce", Until)));
    }

    [Fact]
    public async Task Text_of_any_length_is_a_receivers_and_a_nonces()
    {
        var (receiver, nonce) = (new string('r', 100_000), new string('é', 10_000));
        Assert.Equal((true, false), (await UseAsync(receiver, nonce), await UseAsync(receiver, nonce)));
    }

    [Fact]
    public async Task A_row_whose_message_could_be_sent_again_does_not_go()
    {
        await using var nonces = new OpenedNonces(_database.OpenNonces());
        await nonces.Store.UseAsync("a", "one", Later);
        await Assert.ThrowsAsync<OutsideException>(() => nonces.Store.ForgetAsync(DateTimeOffset.MaxValue, 10, Cancellation));
        var refused = Assert.ThrowsAny<DbException>(() => _database.Tamper("DELETE FROM message_nonce"));
        Assert.Contains("message_nonce is kept", refused.Message, StringComparison.Ordinal);
        Assert.False(await nonces.Store.UseAsync("a", "one", Later));

        // The control taken away: the row goes, and with it the memory of the message.
        _database.Tamper(IsPostgres ? "DROP TRIGGER message_nonce_is_kept ON message_nonce" : "DROP TRIGGER message_nonce_is_kept");
        Assert.Equal(1, await nonces.Store.ForgetAsync(DateTimeOffset.MaxValue, 10, Cancellation));
        Assert.True(await nonces.Store.UseAsync("a", "one", Later));
    }

    [Fact]
    public async Task A_row_is_not_changed()
    {
        const string Edit = "UPDATE message_nonce SET until = '2020-01-01T00:00:00.0000000Z'";
        await using var nonces = new OpenedNonces(_database.OpenNonces());
        await nonces.Store.UseAsync("a", "one", Later);
        var refused = Assert.ThrowsAny<DbException>(() => _database.Tamper(Edit));
        Assert.Contains(IsPostgres ? "message_nonce is append-only" : "message_nonce is not changed", refused.Message, StringComparison.Ordinal);
        Assert.False(await nonces.Store.UseAsync("a", "one", Later));

        // The control taken away: its time is over at once, it goes as any old one, and its message is used again.
        _database.Tamper($"DROP TRIGGER message_nonce_no_update{(IsPostgres ? " ON message_nonce" : "")}");
        _database.Tamper(Edit);
        Assert.Equal(1, await nonces.Store.ForgetAsync(Later, 10, Cancellation));
        Assert.True(await nonces.Store.UseAsync("a", "one", Later));
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

    // Each time another store, as after a restart.
    private async Task<bool> UseAsync(string receiver, string nonce)
    {
        await using var nonces = new OpenedNonces(_database.OpenNonces());
        return await nonces.Store.UseAsync(receiver, nonce, Until);
    }
}

public sealed class SqliteNonceStoreTests : NonceStoreContract
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());
}

public sealed class PostgresNonceStoreTests : NonceStoreContract
{
    private protected override Task<TestDatabase> CreateAsync() => PostgresDatabase.CreateAsync();
}

/// <summary>A store that ends with its user.</summary>
internal sealed record OpenedNonces(INonceStore Store) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => ((IAsyncDisposable)Store).DisposeAsync();
}
