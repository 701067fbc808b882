using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Approvals;

/// <summary>An order about one team's question that comes to another team's desk, signed by the control role all the same.</summary>
public sealed class ForeignDeskTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    [Theory, InlineData(OrderKind.Ask), InlineData(OrderKind.Stop)]
    public async Task A_question_is_neither_shown_nor_withdrawn_by_another_teams_desk(OrderKind kind)
    {
        var foreign = $"desk/strangers-{kind}";
        var id = await silo.OpenAsync();
        var key = new QuestionKey(id.ToString(), 1, Stage.AllowRun);
        QuestionFile? file = null;
        await Eventually.IsTrueAsync(async () => (file = await StoredAsync(key)) is not null);
        var order = JsonSerializer.Deserialize<WorkOrder>(file!.Order, StatementJson.Strict)!;
        var again = Binding.Of(id, 1, Stage.AllowRun, order.Binding.Try, Role.Desk, TimeProvider.System);

        var because = kind == OrderKind.Ask ? null : "superseded";
        await silo.Services.GetRequiredService<Post>().OrderAsync(foreign, order with { Binding = again, Kind = kind, Because = because });

        var ledger = silo.Services.GetRequiredService<ILedgerStore>();
        await Eventually.IsTrueAsync(async () => (await ledger.ReadAsync(0, 100_000, TestContext.Current.CancellationToken))
            .Any(entry => entry.Fact.Subject == foreign && entry.Fact.Body.Contains(MessageRefusal.AudienceCode, StringComparison.Ordinal)));
        Assert.Empty(await silo.Owner.Grain<IApprovalDeskGrain>(foreign).ListAsync());
        Assert.Equal(file.Request.Nonce, (await StoredAsync(key))?.Request.Nonce);
        await Eventually.IsTrueAsync(async () =>
            (await silo.Owner.Grain<IApprovalDeskGrain>($"desk/{file.Team}").ListAsync()).Any(request => request.Deployment == id.ToString()));
    }

    private async Task<QuestionFile?> StoredAsync(QuestionKey key) =>
        (await silo.StoredAsync<QuestionState>("question", "question", key.ToString())).File;
}
