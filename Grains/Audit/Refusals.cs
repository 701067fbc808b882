using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.Logging;

namespace Maestro.Audit;

/// <summary>
/// Writes what was refused to the ledger: a message that was dropped, a decision that did not count. All are counted under
/// <c>maestro.messages.refused</c>; of a flood of one kind about one subject the ledger takes
/// some, and how many it did not take. What the ledger takes is logged too, with the whole reason, which the ledger does not hold.
/// </summary>
public sealed partial class Refusals(IGrainFactory grains, TimeProvider time, ILogger<Refusals> logger)
{
    private const int LongestReason = 1000;

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
        // Whoever sends a message chooses its receiver, and often what is found in it.
        LogRefused(kind, Shown(subject), Shown(actor), reason.Code, new UntrustedText(reason.ToString()).Shown(LongestReason), lost);
        var body = JsonSerializer.Serialize(new { code = reason.Code, lost });
        await _pace.TellAsync(
            about, lost + 1, grains, new($"refusal/{Messages.Nonce.Fresh()}", time.GetUtcNow(), kind, actor, subject, body));
    }

    /// <summary>Tells how many were lost where nothing followed for a minute.</summary>
    public Task TellLostAsync() => _pace.TellLostAsync(grains, time);

    private static string Shown(string text) => new UntrustedText(text).Shown();

    [LoggerMessage(LogLevel.Warning, "{Kind} for {Subject}, from {Actor}, with {Code}: {Reason} ({Lost} like it were not logged)")]
    private partial void LogRefused(string kind, string subject, string actor, string code, string reason, long lost);
}
