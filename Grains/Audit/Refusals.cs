using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Audit;

/// <summary>Writes what was refused to the ledger: a message that was dropped, a decision that did not count.</summary>
public sealed class Refusals(IGrainFactory grains, TimeProvider time)
{
    public Task NoteAsync(Role role, string subject, Reason reason) => NoteAsync(Principal.OfRole(role), subject, "message.dropped", reason);

    public async Task NoteAsync(string actor, string subject, string kind, Reason reason)
    {
        var body = JsonSerializer.Serialize(new { code = reason.Code });
        await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(
            new($"refusal/{Messages.Nonce.Fresh()}", time.GetUtcNow(), kind, actor, subject, body));
    }
}
