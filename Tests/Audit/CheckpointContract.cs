using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>What is signed over the ledger, whichever database it is in.</summary>
public abstract class CheckpointContract : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private SignedLedger _ledger = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_added_is_signed_and_each_entry_can_be_proved()
    {
        await _ledger.AddAsync(700);
        var first = await _ledger.SignAsync();
        await _ledger.AddAsync(77);
        Assert.Equal(700ul, first.Size);
        foreach (var index in new long[] { 0, 1, 255, 256, 511, 699, 700, 776 })
        {
            var proof = TlogProof.Read((await _ledger.Grain.ProveAsync(index))!)!;
            var entry = LedgerLeaf.Read([.. proof.Extra])!;
            Assert.Equal((await _database.Ledger.ReadAsync(index, 1, Cancellation))[0], entry);
            Assert.Equal(index < 700 ? 700ul : 777ul, _ledger.Keys.Read(proof.Checkpoint).Size);
            Assert.True(proof.Covers(LedgerLeaf.HashOf(entry)));
            Assert.False((proof with { Index = proof.Index ^ 1 }).Covers(LedgerLeaf.HashOf(entry)));
            Assert.False(proof.Covers(LedgerLeaf.HashOf(entry with { Fact = entry.Fact with { Actor = "ann" } })));
        }
        Assert.Null(await _ledger.Grain.ProveAsync(777));
        Assert.Null(await _ledger.Grain.ProveAsync(-1));
        Assert.True((await _ledger.VerifyAsync()).Verified);
    }

    [Fact]
    public async Task Nothing_new_is_not_signed_again()
    {
        Assert.Null(await _ledger.Grain.SignAsync());
        await _ledger.AddAsync(3);
        var signed = await _ledger.Grain.SignAsync();
        Assert.Equal(signed, await _ledger.Grain.SignAsync());
        Assert.Single(await _database.Checkpoints.ReadAsync(0, 10, Cancellation));
        Assert.Equal(signed, _ledger.Copy.Find()!.ToString());
    }

    [Fact]
    public async Task Every_checkpoint_is_shown_to_follow_from_every_earlier_one()
    {
        var seen = new List<Checkpoint>();
        foreach (var more in new[] { 1, 6, 249, 1, 300, 2000 })
        {
            await _ledger.AddAsync(more);
            var next = await _ledger.SignAsync();
            foreach (var last in seen)
            {
                var growth = (await _ledger.Grain.GrowthAsync((long)last.Size))!;
                Assert.Null(last.FindFault(next, growth.Proof));
                Assert.Equal("ledger.forked", (last with { Root = next.Root }).FindFault(next, growth.Proof)?.Code);
            }
            seen.Add(next);
        }
    }

    [Theory]
    [InlineData(8, "ledger.rolled-back")]
    [InlineData(10, "ledger.forked")]
    [InlineData(400, "ledger.forked")]
    public async Task Another_history_in_the_database_is_not_signed(int count, string code)
    {
        await _ledger.AddAsync(10);
        await _ledger.SignAsync();
        await _ledger.ForkAsync(count);
        var refusal = await Assert.ThrowsAsync<RefusedException>(_ledger.Grain.SignAsync);
        Assert.Equal(code, refusal.Reason.Code);
        var verification = await _ledger.VerifyAsync();
        Assert.False(verification.Verified);
        Assert.Contains("10 entries", verification.Difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_copy_elsewhere_another_history_would_be_signed()
    {
        await _ledger.AddAsync(10);
        await _ledger.SignAsync();
        _ledger.Copy = new ForgetfulCopy();
        await _ledger.ForkAsync(10);
        Assert.NotNull(await _ledger.Grain.SignAsync());
        Assert.True((await _ledger.VerifyAsync()).Verified);
    }

    [Fact]
    public async Task A_chain_that_was_made_anew_under_its_checkpoints_is_found()
    {
        await _ledger.AddAsync(10);
        await _ledger.SignAsync();
        _database.Tamper(_database.WithoutGuards + "DELETE FROM ledger");
        File.Delete(_database.In(RememberedHead.FileName));
        _ledger.Copy = new ForgetfulCopy();
        await _ledger.AddAsync(12, "other");
        Assert.Contains(
            "The first 10 entries of the ledger are not those that were signed", (await _ledger.VerifyAsync()).Difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_that_somebody_else_wrote_counts_for_nothing()
    {
        await _ledger.AddAsync(10);
        await _ledger.SignAsync();
        _database.Tamper(_database.WithoutSignatureGuards + "UPDATE ledger_checkpoint SET note = replace(note, '10', '11')");
        Assert.Contains("ledger", (await _ledger.VerifyAsync()).Difference, StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<RefusedException>(_ledger.Grain.SignAsync);
        Assert.Equal("ledger.checkpoint", refusal.Reason.Code);
    }

    [Theory]
    [InlineData("UPDATE ledger_tile SET root = (SELECT t.root FROM ledger_tile t WHERE t.level = 0 AND t.number = 0) WHERE level = 0 AND number = 1",
        "Tile 1 of level 0 of the ledger's tree, over the entries 256 to 511, was changed")]
    [InlineData("UPDATE ledger_tile SET hashes = (SELECT t.hashes FROM ledger_tile t WHERE t.level = 0 AND t.number = 1) WHERE level = 0 AND number = 0",
        "Tile 0 of level 0 of the ledger's tree, over the entries 0 to 255, was changed")]
    [InlineData("DELETE FROM ledger_tile WHERE level = 0 AND number = 1", "Tile 1 of level 0 of the ledger's tree, over the entries 256 to 511, is missing")]
    public async Task A_tile_that_was_changed_is_found_and_located(string attack, string place)
    {
        await _ledger.AddAsync(800);
        await _ledger.SignAsync();
        Assert.True((await _ledger.VerifyAsync()).Verified);
        _database.Tamper(_database.WithoutSignatureGuards + attack);
        Assert.Contains(place, (await _ledger.VerifyAsync()).Difference, StringComparison.Ordinal);

        // Without a look at the tiles it passes, although proofs are made from them.
        var blind = new LedgerCheck(_database.Ledger, new NoTiles(), _database.Checkpoints, _ledger.Copy, _ledger.Keys);
        Assert.True((await blind.VerifyAsync(Cancellation)).Verified);
    }

    [Theory]
    [InlineData("UPDATE ledger SET actor = 'ann' WHERE idx = 3", "Entry 3 of the ledger was changed")]
    [InlineData("DELETE FROM ledger WHERE idx = 4", "Entry 4 of the ledger is missing")]
    [InlineData("UPDATE ledger SET idx = 100 WHERE idx = 2; UPDATE ledger SET idx = 2 WHERE idx = 3; UPDATE ledger SET idx = 3 WHERE idx = 100", "Entry 2 of")]
    [InlineData("DELETE FROM ledger WHERE idx >= 10", "The ledger was cut off: 12 entries were signed, and it has 10")]
    [InlineData("DELETE FROM ledger WHERE idx >= 8; DELETE FROM ledger_checkpoint WHERE size > 8", "The ledger was cut off: 12 entries were signed")]
    public async Task Whatever_is_done_to_the_rows_is_located(string attack, string place)
    {
        await _ledger.AddAsync(8);
        await _ledger.SignAsync();
        await _ledger.AddAsync(4);
        await _ledger.SignAsync();
        _database.Tamper(_database.WithoutGuards + _database.WithoutSignatureGuards + attack);
        File.Delete(_database.In(RememberedHead.FileName));
        Assert.Contains(place, (await _ledger.VerifyAsync()).Difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_copy_elsewhere_a_database_that_was_put_back_passes()
    {
        await _ledger.AddAsync(8);
        await _ledger.SignAsync();
        await _ledger.AddAsync(4);
        await _ledger.SignAsync();
        _database.Tamper(_database.WithoutGuards + _database.WithoutSignatureGuards
            + "DELETE FROM ledger WHERE idx >= 8; DELETE FROM ledger_checkpoint WHERE size > 8");
        File.Delete(_database.In(RememberedHead.FileName));
        Assert.False((await _ledger.VerifyAsync()).Verified);
        _ledger.Copy = new ForgetfulCopy();
        Assert.True((await _ledger.VerifyAsync()).Verified);
    }

    [Fact]
    public async Task A_proof_from_a_changed_tile_convinces_nobody()
    {
        await _ledger.AddAsync(800);
        await _ledger.SignAsync();
        _database.Tamper(_database.WithoutSignatureGuards
            + "UPDATE ledger_tile SET hashes = (SELECT t.hashes FROM ledger_tile t WHERE t.level = 0 AND t.number = 1) WHERE level = 0 AND number = 0");
        var proof = TlogProof.Read((await _ledger.Grain.ProveAsync(3))!)!;
        Assert.False(proof.Covers(MerkleTree.LeafHash([.. proof.Extra])));
        var other = TlogProof.Read((await _ledger.Grain.ProveAsync(600))!)!;
        Assert.True(other.Covers(MerkleTree.LeafHash([.. other.Extra])));
    }

    [Fact]
    public async Task A_proof_asks_the_database_a_few_times_however_long_the_ledger_is()
    {
        await _ledger.AddAsync(66_000);
        await _ledger.SignAsync();
        var counted = new CountedTiles(_database.Tiles);
        var tree = new LedgerTree(_database.Ledger, counted);
        foreach (var index in new ulong[] { 0, 255, 40_000, 65_535, 65_999 })
        {
            counted.Asked = 0;
            var path = await tree.ProveAsync(index, 66_000, Cancellation);
            var root = await _ledger.Tree.RootAsync(66_000, Cancellation);
            var entry = (await _database.Ledger.ReadAsync((long)index, 1, Cancellation))[0];
            Assert.True(MerkleProof.Includes(index, 66_000, LedgerLeaf.HashOf(entry), path, root));
            Assert.InRange(counted.Asked, 1, 3);
        }
    }

    [Fact]
    public async Task A_witness_cosigns_with_its_own_key_only()
    {
        await _ledger.AddAsync(5);
        var signed = await _ledger.SignAsync();
        var (review, gateway) = (CosignatureOf(Role.Review, signed), CosignatureOf(Role.Gateway, signed));
        Assert.Null(await CosignAsync(Role.Review, 5, review));
        Assert.Null(await CosignAsync(Role.Review, 5, review));
        Assert.Equal("ledger.cosignature", await CosignAsync(Role.Review, 5, gateway));
        Assert.Equal("ledger.cosignature", await CosignAsync(Role.Gateway, 4, gateway));
        Assert.Equal("ledger.cosignature", await CosignAsync(Role.Gateway, 5, []));
        Assert.Equal("ledger.cosignature", await CosignAsync(Role.Gateway, 5, CosignatureOf(Role.Gateway, signed with { Size = 6 })));
        var note = SignedNote.Read((await _ledger.Grain.GrowthAsync(5))!.Note)!;
        Assert.Equal([Role.Review], _ledger.Keys.CosignersOf(note));
    }

    public async ValueTask InitializeAsync()
    {
        _database = await CreateAsync();
        _ledger = new(_database);
    }

    public async ValueTask DisposeAsync()
    {
        _ledger.Dispose();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();

    private ImmutableArray<byte> CosignatureOf(Role role, Checkpoint checkpoint) =>
        _ledger.Keys.Cosign(role, checkpoint, TimeProvider.System.GetUtcNow()).Signature;

    private Task<string?> CosignAsync(Role role, long size, ImmutableArray<byte> signature)
    {
        Caller.Enter(new(Principal.OfRole(role), [role], [], null));
        return CodeOfAsync(_ledger.Grain.CosignAsync(size, signature));
    }

    private static async Task<string?> CodeOfAsync(Task call) => (await Refused.ByAsync(() => call))?.Reason.Code;
}

public sealed class SqliteCheckpointTests : CheckpointContract
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new Database());
}
