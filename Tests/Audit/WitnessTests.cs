using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Maestro.Audit;

/// <summary>The roles of a real silo watch the ledger that its control plane shows them.</summary>
public sealed class WitnessTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    private Witness Witness => silo.Services.GetRequiredService<Witness>();

    private CheckpointKeys Keys => silo.Services.GetRequiredService<CheckpointKeys>();

    private ICheckpointGrain Checkpoints => silo.Grains.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key);

    [Fact]
    public async Task Every_role_that_does_not_write_the_ledger_cosigns_it()
    {
        await Eventually.IsTrueAsync(async () => Keys.CosignersOf(await NewestAsync()) is { } cosigners
            && CheckpointKeys.Witnesses.All(role => cosigners.Contains(role)));
    }

    [Fact]
    public async Task What_follows_from_all_that_was_seen_is_believed()
    {
        using var scope = CallerScope.As(Role.Deployment);
        Assert.Null(await Witness.ConfirmAsync(Role.Deployment));
        await AppendAsync();
        Assert.Null(await Witness.ConfirmAsync(Role.Deployment));
        Assert.Contains(Role.Deployment, Keys.CosignersOf(await NewestAsync())!.Value);
    }

    [Fact]
    public async Task A_ledger_that_does_not_begin_with_what_was_seen_is_disowned()
    {
        using var scope = CallerScope.As(Role.Review);
        await AppendAsync();
        var shown = Keys.Read(await NewestAsync());
        // The control plane has shown this role another history, signed with the ledger's own key.
        var seen = shown with { Size = shown.Size - 1, Root = [.. MerkleTree.LeafHash("another history"u8)] };
        var witness = new Witness(silo.Grains, Keys, new FixedMemory(Keys.Sign(seen)), TimeProvider.System);
        Assert.Equal("ledger.forked", (await witness.FindFaultAsync(Role.Review))?.Code);
        var longer = new Witness(silo.Grains, Keys, new FixedMemory(Keys.Sign(seen with { Size = 1_000_000 })), TimeProvider.System);
        Assert.Equal("ledger.rolled-back", (await longer.FindFaultAsync(Role.Review))?.Code);
    }

    [Fact]
    public async Task A_ledger_that_was_put_back_or_forked_is_told_to_everybody_and_one_that_was_not_is_not()
    {
        await AppendAsync();
        var shown = Keys.Read(await NewestAsync());
        var forked = shown with { Size = shown.Size - 1, Root = [.. MerkleTree.LeafHash("another history"u8)] };
        foreach (var (code, seen) in new[] { ("ledger.forked", forked), ("ledger.rolled-back", forked with { Size = 1_000_000 }) })
        {
            Assert.DoesNotContain(await DisownedAsync(), fact => fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal));
            using var rounds = Rounds(new FixedMemory(Keys.Sign(seen)));
            await rounds.StartAsync(TestContext.Current.CancellationToken);
            await Eventually.IsTrueAsync(async () => (await DisownedAsync()).Any(
                fact => fact.Actor == "role:review" && fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal)));
            await rounds.StopAsync(TestContext.Current.CancellationToken);
            Assert.NotEqual(0, silo.Log.Count($"The ledger is not the one that {Principal.Name(Role.Review)} has seen"));
        }

        // What this silo's roles really saw they find again, and nobody is told.
        var told = (await DisownedAsync()).Length;
        await AppendAsync();
        using var sound = Rounds(silo.Services.GetRequiredService<IWitnessMemory>());
        await sound.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.IsTrueAsync(async () => Keys.CosignersOf(await NewestAsync())?.Contains(Role.Review) == true);
        await sound.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(told, (await DisownedAsync()).Length);
    }

    [Fact]
    public async Task Production_waits_for_the_outside_witnesses_that_are_required()
    {
        using var scope = CallerScope.As(Role.Deployment);
        await AppendAsync();
        await using var stand = await StandInWitness.StartAsync("example.org/witness", Keys.Ledger);
        using var connection = stand.Connect();
        var outside = new OutsideWitnesses([connection], new([stand.Key], 1, StandInWitness.Verify), Keys, TimeProvider.System);
        var (watched, unwatched) = (WitnessOf(outside), WitnessOf(null));
        Assert.Null(await watched.ConfirmAsync(Role.Deployment));
        await stand.StopAsync();
        var late = await Assert.ThrowsAsync<OutsideException>(() => watched.ConfirmAsync(Role.Deployment));
        Assert.Equal("ledger.unwitnessed", late.Reason.Code);
        Assert.Null(await unwatched.ConfirmAsync(Role.Deployment));
    }

    [Fact]
    public async Task Nobody_has_a_checkpoint_signed_or_cosigned_who_has_no_part_in_it()
    {
        using var scope = CallerScope.As(Role.Desk);
        Assert.NotNull(await Refused.ByAsync(() => Checkpoints.SignAsync()));
        Assert.NotNull(await Refused.ByAsync(() => Checkpoints.CosignAsync(1, [])));
    }

    private async Task<LedgerFact[]> DisownedAsync() =>
        [.. (await silo.SubjectAsync("ledger/main")).Where(fact => fact.Kind == "ledger.disowned")];

    // As the silo's own, for the review role alone.
    private WitnessRounds Rounds(IWitnessMemory memory) => new(
        new(silo.Grains, Keys, memory, TimeProvider.System), silo.Services.GetRequiredService<Refusals>(),
        new SiloSettings("") { Member = new("one", [Role.Review]) }, new StandingRole(Role.Review), new Hurried(),
        silo.Services.GetRequiredService<ILogger<WitnessRounds>>());

    private Witness WitnessOf(OutsideWitnesses? outside) =>
        new(silo.Grains, Keys, silo.Services.GetRequiredService<IWitnessMemory>(), TimeProvider.System, outside);

    private async Task<SignedNote> NewestAsync()
    {
        using var scope = CallerScope.As(Role.Gateway);
        await Checkpoints.SignAsync();
        return SignedNote.Read((await Checkpoints.GrowthAsync(0))!.Note)!;
    }

    private async Task AppendAsync()
    {
        using var scope = CallerScope.As(Role.Review);
        await silo.Grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(
            new($"test/{Nonce.Fresh()}", TimeProvider.System.GetUtcNow(), "test.fact", "", "app/shop", "{}"));
    }

    /// <summary>Has seen one thing, and never learns.</summary>
    private sealed class FixedMemory(SignedNote seen) : IWitnessMemory
    {
        public SignedNote? Find(Role role) => seen;

        public Task<bool> ReplaceAsync(Role role, SignedNote? compared, SignedNote newer) => Task.FromResult(true);
    }

    /// <summary>Rests a hundredth of the time.</summary>
    private sealed class Hurried : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime / 100, period);
    }
}
