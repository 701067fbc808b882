using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Audit;

/// <summary>Who an entry of the ledger says it was.</summary>
public sealed class LedgerActorTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    [Theory]
    [InlineData("rita")]
    [InlineData("role:control")]
    [InlineData("\"}, {")]
    public async Task A_caller_that_claims_to_be_another_is_written_under_its_own_name(string claimed)
    {
        var entry = await AppendAsync(Fact() with { Actor = claimed });
        Assert.Equal("role:review", entry.Actor);
        Assert.Equal(claimed, entry.OnBehalfOf);
        Assert.StartsWith("{\"code\":\"x\",", entry.Body, StringComparison.Ordinal);

        // Past the grain, which alone knows its caller, the same claim stands.
        using var database = new Database();
        await database.Ledger.AppendAsync(-1, LedgerChain.Append(null, [Fact() with { Actor = claimed }]), TestContext.Current.CancellationToken);
        Assert.Equal(claimed, (await database.Ledger.ReadLastAsync(TestContext.Current.CancellationToken))!.Fact.Actor);
    }

    [Fact]
    public async Task A_caller_that_claims_nothing_is_written_as_it_is()
    {
        var entry = await AppendAsync(Fact() with { Actor = "role:review" });
        Assert.Equal(("role:review", "{\"code\":\"x\"}"), (entry.Actor, entry.Body));
        Assert.Null(entry.OnBehalfOf);
    }

    [Fact]
    public async Task A_fact_that_cannot_be_chained_is_refused_and_stops_nobody()
    {
        await RefusedAsync("ledger.name", Fact() with { Subject = new string('s', 1001) });
        await RefusedAsync("ledger.key", Fact() with { Key = "" });
        await RefusedAsync("ledger.key", Fact() with { Key = new string('k', 501) });
        await RefusedAsync("ledger.not-json", Fact() with { Body = "[" });
        await RefusedAsync("ledger.not-json", Fact() with { Body = "[]" });
        await RefusedAsync("ledger.not-json", Fact() with { Body = "null" });
        await RefusedAsync("ledger.not-text", Fact() with { Actor = "\ud800" });
        await AppendAsync(Fact());
    }

    [Fact]
    public async Task Without_a_verified_caller_nothing_is_written()
    {
        using var database = new Database();
        var ledger = new LedgerGrain(database.Ledger, null!, new(database.Ledger, new MemoryBlobs()), null!, TimeProvider.System);
        var refusal = await Refused.ByAsync(() => ledger.AppendAsync(Fact()));
        Assert.Equal("ledger.nobody", refusal?.Reason.Code);
    }

    private async Task RefusedAsync(string code, LedgerFact fact) =>
        Assert.Equal(code, (await Refused.ByAsync(() => AppendAsync(fact)))?.Reason.Code);

    private async Task<LedgerFact> AppendAsync(LedgerFact fact)
    {
        using var scope = CallerScope.As(Role.Review);
        var index = await silo.Grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(fact);
        var entries = await silo.Services.GetRequiredService<ILedgerStore>().ReadAsync(index, 1, TestContext.Current.CancellationToken);
        return entries[0].Fact;
    }

    private static LedgerFact Fact() =>
        new($"test/{Nonce.Fresh()}", TimeProvider.System.GetUtcNow(), "test.fact", "rita", "app/shop", "{\"code\":\"x\"}");
}
