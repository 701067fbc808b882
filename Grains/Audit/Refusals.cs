using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Telemetry;

namespace Maestro.Audit;

/// <summary>
/// Writes what was refused to the ledger: a message that was dropped, a decision that did not count. All are counted under
/// <c>maestro.messages.refused</c>; of a flood of one kind about one subject the ledger takes
/// some, and how many it did not take.
/// </summary>
public sealed class Refusals(IGrainFactory grains, TimeProvider time)
{
    private readonly RefusalPace _pace = new(time);

    public Task NoteAsync(Role role, string subject, Reason reason) => NoteAsync(Principal.OfRole(role), subject, "message.dropped", reason);

    /// <param name="actor">Who sent it, as far as its signature says.</param>
    public async Task NoteAsync(string actor, string subject, string kind, Reason reason)
    {
        Instruments.MessagesRefused.Add(1, new KeyValuePair<string, object?>("code", Bounded.Codes.Of(reason.Code)));
        var about = new RefusalKey(subject, kind, reason.Code);
        if (_pace.Take(about) is not { } lost)
        {
            return;
        }
        var body = JsonSerializer.Serialize(new { code = reason.Code, lost });
        await _pace.TellAsync(
            about, lost + 1, grains, new($"refusal/{Messages.Nonce.Fresh()}", time.GetUtcNow(), kind, actor, subject, body));
    }

    /// <summary>Tells how many were lost where nothing followed for a minute.</summary>
    public Task TellLostAsync() => _pace.TellLostAsync(grains, time);
}
