using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>What every <see cref="ILedgerStore"/> does, whichever database it is in.</summary>
public abstract class LedgerStoreContract : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private IDeploymentLog _log = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Facts_move_from_the_outbox_into_the_chain()
    {
        await AppendAsync(3);
        Assert.Null(await _database.Ledger.ReadLastAsync(Cancellation));
        Assert.Null(await _database.Ledger.CompareLogAsync(Cancellation));
        var entries = await _database.ChainOutboxAsync(Cancellation);
        Assert.Empty(await _database.Ledger.ReadOutboxAsync(10, Cancellation));
        Assert.Equal(entries, await _database.Ledger.ReadAsync(0, 10, Cancellation));
        Assert.Equal(entries[^1], await _database.Ledger.ReadLastAsync(Cancellation));
        Assert.Equal(1, await _database.Ledger.FindAsync("log/pr/local/acme/shop/1/2", Cancellation));
        Assert.Null(await _database.Ledger.FindAsync("log/pr/local/acme/shop/1/4", Cancellation));
        Assert.Null(await VerifyAsync());
    }

    [Fact]
    public async Task Of_many_facts_those_in_the_chain_are_found_at_once()
    {
        await AppendAsync(3);
        var entries = await _database.ChainOutboxAsync(Cancellation);
        string[] keys = [entries[0].Fact.Key, "log/pr/local/acme/shop/1/4", entries[2].Fact.Key];
        var found = await _database.Ledger.FindAsync([.. keys], Cancellation);
        Assert.Equal([new(keys[0], 0), new(keys[2], 2)], found.OrderBy(one => one.Value));
        Assert.Empty(await _database.Ledger.FindAsync([], Cancellation));
    }

    [Fact]
    public async Task Of_two_appends_after_the_same_entry_one_is_taken()
    {
        var took = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            _database.Ledger.AppendAsync(-1, LedgerChain.Append(null, [Database.Fact($"call/{i}")]), Cancellation)));
        Assert.Single(took, true);
        Assert.Equal(0, (await _database.Ledger.ReadLastAsync(Cancellation))!.Index);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            _database.Ledger.AppendAsync(3, LedgerChain.Append(null, [Database.Fact("call/9")]), Cancellation));
    }

    [Fact]
    public async Task A_fact_that_is_in_the_chain_does_not_wait_for_a_place_again()
    {
        var append = Database.Append(Database.Deployment(), 1);
        Assert.True(await _database.Ledger.AppendAsync(-1, LedgerChain.Append(null, append.Outbox), Cancellation));
        Assert.True(await _log.AppendAsync(append, Cancellation));
        if (await _database.Ledger.ReadOutboxAsync(10, Cancellation) is { IsEmpty: false } again)
        {
            // A database that takes it in notices when it shall be chained again.
            Assert.False(await _database.Ledger.AppendAsync(0, LedgerChain.Append(await _database.Ledger.ReadLastAsync(Cancellation), again), Cancellation));
        }
        Assert.Empty(await _database.Ledger.ReadOutboxAsync(10, Cancellation));
        Assert.Null(await VerifyAsync());
    }

    [Theory]
    [InlineData("UPDATE ledger SET actor = 'ann' WHERE idx = 3", "Entry 3 ")]
    [InlineData("UPDATE ledger SET body = body || ' ' WHERE idx = 3", "Entry 3 ")]
    [InlineData("UPDATE ledger SET at = '2025-03-01T11:00:00.0000000Z' WHERE idx = 5", "Entry 5 ")]
    [InlineData("UPDATE ledger SET hash = replace(hash, substr(hash, 1, 1), 'f') WHERE idx = 0", "Entry 0 ")]
    [InlineData("DELETE FROM ledger WHERE idx = 4", "Entry 4 ")]
    [InlineData("DELETE FROM ledger WHERE idx = 4; UPDATE ledger SET idx = idx - 1 WHERE idx > 4", "Entry 4 ")]
    [InlineData(
        "UPDATE ledger SET idx = 100 WHERE idx = 2; UPDATE ledger SET idx = 2 WHERE idx = 3; UPDATE ledger SET idx = 3 WHERE idx = 100",
        "Entry 2 ")]
    [InlineData("DELETE FROM ledger WHERE idx >= 8", "entry 9 was written")]
    [InlineData("DELETE FROM ledger", "entry 9 was written")]
    [InlineData("DELETE FROM deployment_log WHERE number = 10", "log/pr/local/acme/shop/1/10")]
    [InlineData("INSERT INTO deployment_log SELECT deployment, 11, body, 1, 'x', at FROM deployment_log WHERE number = 10",
        "Entry 11 of pr/")]
    public async Task Tampering_is_found_and_located_wherever_it_is(string attack, string place)
    {
        await AppendAsync(10);
        await _database.ChainOutboxAsync(Cancellation);
        Assert.Null(await VerifyAsync());
        _database.Tamper(_database.WithoutGuards + attack);
        Assert.Contains(place, await VerifyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public Task An_entry_of_the_log_that_was_changed_is_found() => Tampering_is_found_and_located_wherever_it_is(
        $"UPDATE deployment_log SET body = {Changed} WHERE number = 7", "Entry 7 of pr/");

    [Fact]
    public async Task Without_the_comparison_with_the_log_a_changed_entry_of_the_log_passes()
    {
        await AppendAsync(5);
        await _database.ChainOutboxAsync(Cancellation);
        _database.Tamper($"{_database.WithoutGuards} UPDATE deployment_log SET body = {Changed} WHERE number = 3");
        Assert.Null(LedgerChain.Check(await _database.Ledger.ReadAsync(0, 100, Cancellation)));
        Assert.Contains("Entry 3 of pr/", await _database.Ledger.CompareLogAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_hash_check_a_changed_entry_passes()
    {
        await AppendAsync(5);
        await _database.ChainOutboxAsync(Cancellation);
        _database.Tamper(_database.WithoutGuards + "UPDATE ledger SET actor = 'ann' WHERE idx = 3");
        var entries = await _database.Ledger.ReadAsync(0, 100, Cancellation);
        Assert.NotNull(LedgerChain.Check(entries));
        Assert.Null(LedgerChain.Check(entries, null, entry => entry.Hash));
    }

    [Fact]
    public async Task Without_the_remembered_head_a_ledger_that_was_cut_off_passes()
    {
        var facts = Enumerable.Range(0, 5).Select(i => Database.Fact($"call/{i}"));
        await _database.Ledger.AppendAsync(-1, LedgerChain.Append(null, facts), Cancellation);
        _database.Tamper(_database.WithoutGuards + "DELETE FROM ledger WHERE idx = 4");
        Assert.NotNull(await VerifyAsync());
        File.Delete(_database.In(RememberedHead.FileName));
        Assert.Null(await VerifyAsync());
    }

    [Fact]
    public async Task A_ledger_that_was_cut_off_does_not_grow_whole_again()
    {
        await _database.Ledger.AppendAsync(-1, LedgerChain.Append(null, [Database.Fact("call/0"), Database.Fact("call/1")]), Cancellation);
        Assert.Equal(1, RememberedHead.Read(_database.In(RememberedHead.FileName))!.Index);
        _database.Tamper(_database.WithoutGuards + "DELETE FROM ledger WHERE idx = 1");
        var last = await _database.Ledger.ReadLastAsync(Cancellation);
        var more = LedgerChain.Append(last, [Database.Fact("call/2"), Database.Fact("call/3")]);
        Assert.True(await _database.Ledger.AppendAsync(0, more, Cancellation));
        Assert.Contains("Entry 1 of the ledger is another one", await VerifyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_memory_of_the_head_is_noticed_and_stops_no_append()
    {
        await File.WriteAllTextAsync(_database.In(RememberedHead.FileName), "{", Cancellation);
        Assert.True(await _database.Ledger.AppendAsync(-1, LedgerChain.Append(null, [Database.Fact("call/0")]), Cancellation));
        await Assert.ThrowsAsync<OutsideException>(VerifyAsync);
    }

    [Fact]
    public async Task Logs_longer_than_a_batch_are_compared_to_their_end()
    {
        await Task.WhenAll(Enumerable.Range(1, 1100).Select(i =>
            _log.AppendAsync(Database.Append(Database.Deployment(i), 1), Cancellation)));
        await _database.ChainOutboxAsync(Cancellation);
        await _database.ChainOutboxAsync(Cancellation);
        Assert.Null(await VerifyAsync());
        _database.Tamper(_database.WithoutGuards + "DELETE FROM deployment_log WHERE deployment = 'pr/local/acme/shop/1100'");
        Assert.Contains("shop/1100/1", await VerifyAsync(), StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync()
    {
        _database = await CreateAsync();
        _log = _database.OpenLog();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await ((IAsyncDisposable)_log).DisposeAsync();
            await _database.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();

    /// <summary>The log's body with another actor in it.</summary>
    protected abstract string Changed { get; }

    private async Task AppendAsync(int count)
    {
        for (var number = 1; number <= count; number++)
        {
            Assert.True(await _log.AppendAsync(Database.Append(Database.Deployment(), number), Cancellation));
        }
    }

    private async Task<string?> VerifyAsync()
    {
        ImmutableArray<LedgerEntry> entries = await _database.Ledger.ReadAsync(0, 100_000, Cancellation);
        return LedgerChain.Check(entries) ?? await _database.Ledger.CompareLogAsync(Cancellation);
    }
}
