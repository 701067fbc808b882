using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>The chain's writer over a real database, turn by turn as an activation runs it.</summary>
public sealed class LedgerGrainTests : IDisposable
{
    private readonly Database _database = new();
    private readonly SignedLedger _signed;

    public LedgerGrainTests() => _signed = new(_database);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _signed.Dispose();
        _database.Dispose();
    }

    [Fact]
    public async Task Facts_that_come_at_once_get_one_place_each()
    {
        var grain = new Activation(_signed, _database.Ledger);
        var keys = Enumerable.Range(0, 64).Select(number => $"call/{number % 48}").ToList();
        var places = await Task.WhenAll(keys.Select(key => grain.RunAsync(ledger => ledger.AppendAsync(Database.Fact(key)))));
        Assert.Equal(48, keys.Zip(places).Distinct().Count());
        Assert.Equal(48, places.Distinct().Count());
        await AssertWholeAsync(grain, 48);
    }

    [Fact]
    public async Task A_second_writer_loses_and_goes_on()
    {
        var (one, other) = (new Activation(_signed, _database.Ledger), new Activation(_signed, _database.Ledger));
        await Task.WhenAll(Enumerable.Range(0, 64).SelectMany(number => new[]
        {
            one.RunAsync(ledger => ledger.AppendAsync(Database.Fact($"one/{number}"))),
            other.RunAsync(ledger => ledger.AppendAsync(Database.Fact($"other/{number}"))),
            (number % 2 == 0 ? one : other).RunAsync(ledger => ledger.AppendAsync(Database.Fact($"both/{number / 2}"))),
        }));
        await AssertWholeAsync(one, 160);
        await AssertWholeAsync(other, 160);
    }

    [Fact]
    public async Task A_long_outbox_is_drained_to_its_end()
    {
        await using var log = new SqliteDeploymentLog(_database.Source);
        await Task.WhenAll(Enumerable.Range(1, 1000).Select(number =>
            log.AppendAsync(Database.Append(Database.Deployment(number), 1), Cancellation)));
        var grain = new Activation(_signed, _database.Ledger);
        Assert.Equal(1000, await grain.RunAsync(ledger => ledger.DrainAsync()));
        Assert.Equal(0, await grain.RunAsync(ledger => ledger.DrainAsync()));
        await AssertWholeAsync(grain, 1000);
    }

    [Fact]
    public async Task A_fact_that_is_no_text_is_refused_and_stops_nobody()
    {
        var grain = new Activation(_signed, _database.Ledger);
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => grain.RunAsync(ledger =>
            ledger.AppendAsync(Database.Fact("broken") with { Subject = "\ud800" })));
        Assert.Equal("ledger.not-text", refusal.Reason.Code);
        Assert.Equal(0, await grain.RunAsync(ledger => ledger.AppendAsync(Database.Fact("whole"))));
    }

    [Fact]
    public async Task A_changed_row_is_found_and_named()
    {
        var grain = new Activation(_signed, _database.Ledger);
        for (var number = 0; number < 5; number++)
        {
            await grain.RunAsync(ledger => ledger.AppendAsync(Database.Fact($"call/{number}")));
        }
        await AssertWholeAsync(grain, 5);
        _database.Tamper("DROP TRIGGER ledger_no_update; UPDATE ledger SET actor = 'ann' WHERE idx = 3");
        var verification = await grain.RunAsync(ledger => ledger.VerifyAsync());
        Assert.False(verification.Verified);
        Assert.Contains("Entry 3 of the ledger was changed", verification.Difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_role_told_first_under_a_name_hides_nothing()
    {
        var grain = new Activation(_signed, _database.Ledger);
        var fact = Database.Fact("custody.refused/42");
        Assert.Equal(0, await grain.RunAsync(ledger => ledger.AppendAsync(fact), Role.Deployment));
        Assert.Equal(1, await grain.RunAsync(ledger => ledger.AppendAsync(fact), Role.Custody));
        // Whoever tells it again has told it.
        Assert.Equal(1, await grain.RunAsync(ledger => ledger.AppendAsync(fact), Role.Custody));
        await AssertWholeAsync(grain, 2);
    }

    [Fact]
    public async Task What_the_store_did_not_take_does_not_wait_for_ever()
    {
        var store = new FailingLedger(_database.Ledger) { Fails = true };
        var grain = new Activation(_signed, store);
        for (var number = 0; number < 3; number++)
        {
            var fact = Database.Fact($"call/{number}");
            await Assert.ThrowsAsync<OutsideException>(() => grain.RunAsync(ledger => ledger.AppendAsync(fact)));
        }
        store.Fails = false;
        Assert.Equal(0, await grain.RunAsync(ledger => ledger.DrainAsync()));
        await grain.RunAsync(ledger => ledger.AppendAsync(Database.Fact("call/0")));
        await AssertWholeAsync(grain, 1);
    }

    private async Task AssertWholeAsync(Activation grain, int count)
    {
        var verification = await grain.RunAsync(ledger => ledger.VerifyAsync());
        Assert.True(verification.Verified, verification.Difference);
        ImmutableArray<LedgerEntry> entries = await _database.Ledger.ReadAsync(0, 10_000, Cancellation);
        Assert.Equal(count, entries.Length);
        Assert.Equal(count, entries.Select(entry => entry.Fact.Key).Distinct().Count());
    }

    /// <summary>Runs one turn at a time, as the runtime does for a reentrant grain.</summary>
    private sealed class Activation(SignedLedger signed, ILedgerStore store)
    {
        private readonly ConcurrentExclusiveSchedulerPair _turns = new();
        private readonly LedgerGrain _grain = new(store, signed.Check, new(store, new MemoryBlobs()), null!, TimeProvider.System);

        public Task<T> RunAsync<T>(Func<LedgerGrain, Task<T>> call, Role caller = Role.Gateway) =>
            Task.Factory.StartNew(() => EnterAsync(call, caller), Cancellation, TaskCreationOptions.None, _turns.ExclusiveScheduler).Unwrap();

        private Task<T> EnterAsync<T>(Func<LedgerGrain, Task<T>> call, Role caller)
        {
            Caller.Enter(new(Principal.OfRole(caller), [caller], [], null));
            return call(_grain);
        }
    }
}
