using Maestro.Deployments;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>A ledger in either database that somebody outside watches.</summary>
public abstract class OutsideWitnessContract : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private SignedLedger _ledger = null!;
    private StandInWitness _witness = null!;
    private HttpWitness _connection = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_cosigns_what_grows_and_its_cosignature_is_kept()
    {
        var outside = Outside(1);
        foreach (var more in new[] { 3, 300, 1 })
        {
            await _ledger.AddAsync(more);
            var signed = await _ledger.SignAsync();
            Assert.Null(await FaultAsync(outside));
            Assert.Equal(signed.Root, _witness.Seen!.Root);
            var note = SignedNote.Of((await _ledger.Grain.GrowthAsync(0))!.Note);
            Assert.NotNull(note.SignedBy([_witness.Key], (key, text, signature) => Checkpoint.TryReadCosignature(signature, out var seconds, out var own)
                && StandInWitness.Verify(key, Checkpoint.CosignedText(seconds, note.Text), own)) is [var known] ? known : null);
        }
        // And in the place outside of the database, with the next round.
        await _ledger.Grain.SignAsync();
        Assert.Contains(_ledger.Copy.Find()!.Signatures, line => line.Name == _witness.Key.Name);
        // From a checkpoint of before it goes on, without a memory of its own.
        await _ledger.AddAsync(5);
        await _ledger.SignAsync();
        Assert.Null(await FaultAsync(Outside(1)));
        Assert.Equal(309ul, _witness.Seen!.Size);
    }

    [Theory]
    [InlineData(8, "ledger.rolled-back")]
    [InlineData(10, "ledger.forked")]
    [InlineData(400, "ledger.forked")]
    public async Task Another_history_is_found_out_although_everything_on_this_side_was_replaced(int count, string code)
    {
        await WatchedAsync(10);
        // Database and checkpoint folder together, and the silo is started anew.
        _ledger.Copy = new ForgetfulCopy();
        await _ledger.ForkAsync(count);
        // Without a witness this is signed as if nothing were, and believed.
        Assert.NotNull(await _ledger.Grain.SignAsync());
        Assert.True((await _ledger.VerifyAsync()).Verified);
        Assert.Null(await FaultAsync(new([], OutsideKeys.None, _ledger.Keys, TimeProvider.System)));

        Assert.Equal(code, (await FaultAsync(Outside(0)))?.Code);
        Assert.Equal(10ul, _witness.Seen!.Size);
    }

    [Fact]
    public async Task A_database_that_was_put_back_is_found_out()
    {
        await WatchedAsync(10);
        await _ledger.AddAsync(5);
        await _ledger.SignAsync();
        var outside = Outside(0);
        Assert.Null(await FaultAsync(outside));
        _database.Tamper(_database.WithoutGuards + _database.WithoutSignatureGuards
            + "DELETE FROM ledger_cosignature WHERE size > 10; DELETE FROM ledger_checkpoint WHERE size > 10; DELETE FROM ledger WHERE idx >= 10");
        Assert.Equal("ledger.rolled-back", (await FaultAsync(outside))?.Code);
        Assert.Equal("ledger.rolled-back", (await FaultAsync(Outside(0)))?.Code);
    }

    [Fact]
    public async Task One_that_is_away_stops_nothing_unless_it_is_required()
    {
        await WatchedAsync(10);
        await _witness.StopAsync();
        await _ledger.AddAsync(1);
        Assert.NotNull(await _ledger.Grain.SignAsync());
        Assert.Null(await FaultAsync(Outside(0)));
        var fault = await FaultAsync(Outside(1));
        Assert.Equal("ledger.unwitnessed", fault?.Code);
        Assert.Contains(_witness.Key.Name, fault!.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cosignature_that_is_older_than_a_minute_counts_for_nothing()
    {
        _witness.Now = () => TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(70);
        await _ledger.AddAsync(3);
        await _ledger.SignAsync();
        Assert.Equal("ledger.unwitnessed", (await FaultAsync(Outside(1)))?.Code);
        _witness.Now = TimeProvider.System.GetUtcNow;
        Assert.Null(await FaultAsync(Outside(1)));
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "not a line\n")]
    [InlineData(200, "\u2014 example.org/witness AAAAAAAAAAA=\n")]
    [InlineData(302, "")]
    [InlineData(403, "")]
    [InlineData(404, "")]
    [InlineData(409, "minus one\n")]
    [InlineData(409, "18446744073709551615\n")]
    [InlineData(422, "")]
    [InlineData(500, "")]
    public async Task What_is_no_cosignature_is_none_whatever_it_answers(int status, string body)
    {
        await _ledger.AddAsync(3);
        await _ledger.SignAsync();
        _witness.Instead = (status, body);
        Assert.Equal("ledger.unwitnessed", (await FaultAsync(Outside(1)))?.Code);
        Assert.InRange(_witness.Asked, 1, 4);
        Assert.Single(SignedNote.Of((await _ledger.Grain.GrowthAsync(0))!.Note).Signatures);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await _ledger.AddAsync(3);
        await _ledger.SignAsync();
        _witness.Instead = (200, new string('x', 100_000));
        var sighting = Assert.Single(await Outside(0).AskAsync(_ledger.Grain, Cancellation));
        Assert.Equal("an answer that is too long", sighting.Away);
    }

    [Fact]
    public async Task A_cosignature_of_another_key_is_not_kept()
    {
        await _ledger.AddAsync(3);
        await _ledger.SignAsync();
        await using var other = await StandInWitness.StartAsync(_witness.Key.Name, _ledger.Keys.Ledger);
        using var connection = new HttpWitness(_witness.Key, other.Address, TimeProvider.System);
        var outside = new OutsideWitnesses([connection], Keys(1), _ledger.Keys, TimeProvider.System);
        Assert.Equal("ledger.unwitnessed", (await FaultAsync(outside))?.Code);
        Assert.Single(SignedNote.Of((await _ledger.Grain.GrowthAsync(0))!.Note).Signatures);
        // Its own key would be believed.
        _ledger.Outside = Keys(1) with { Keys = [other.Key] };
        using var right = other.Connect();
        Assert.Null(await FaultAsync(new([right], _ledger.Outside, _ledger.Keys, TimeProvider.System)));
    }

    public async ValueTask InitializeAsync()
    {
        _database = await CreateAsync();
        _ledger = new(_database);
        _witness = await StandInWitness.StartAsync("example.org/witness", _ledger.Keys.Ledger);
        _connection = _witness.Connect();
        _ledger.Outside = Keys(0);
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await _witness.DisposeAsync();
        _ledger.Dispose();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();

    private async Task WatchedAsync(int count)
    {
        await _ledger.AddAsync(count);
        await _ledger.SignAsync();
        Assert.Null(await FaultAsync(Outside(1)));
        Assert.Equal((ulong)count, _witness.Seen!.Size);
    }

    private OutsideKeys Keys(int required) => new([_witness.Key], required, StandInWitness.Verify);

    private OutsideWitnesses Outside(int required) => new([_connection], Keys(required), _ledger.Keys, TimeProvider.System);

    private async Task<Reason?> FaultAsync(OutsideWitnesses outside)
    {
        try
        {
            return await outside.FindFaultAsync(_ledger.Grain, Cancellation);
        }
        catch (OutsideException unwitnessed)
        {
            return unwitnessed.Reason;
        }
    }
}

public sealed class SqliteOutsideWitnessTests : OutsideWitnessContract
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());
}
