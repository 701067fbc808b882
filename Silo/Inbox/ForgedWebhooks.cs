using System.Diagnostics.Metrics;
using Maestro.Audit;
using Maestro.Identity;

namespace Maestro.Inbox;

/// <summary>
/// Takes note of deliveries whose signature does not fit: all are counted under <c>maestro.webhooks.forged</c>; of a flood, log and ledger get
/// so many a minute.
/// </summary>
internal sealed class ForgedWebhooks(IDenials denials, TimeProvider time)
{
    private const string Code = "webhook.signature";
    private static readonly Meter Meter = new("Maestro.Inbox");
    private static readonly Counter<long> Forged = Meter.CreateCounter<long>("maestro.webhooks.forged");
    private readonly RefusalPace _pace = new(time);

    /// <param name="source">Null for one that is not known: its name is the sender's word and is kept nowhere.</param>
    public void Note(string? source)
    {
        var target = source is null ? "webhook" : Principal.OfWebhook(source);
        Forged.Add(1, new KeyValuePair<string, object?>("source", source ?? "unknown"));
        if (_pace.Take(new(target, "webhook.refused", Code)) is { } lost)
        {
            denials.Note(new(time.GetUtcNow(), Code, "POST /webhooks", target, "http", lost == 0
                ? "a signature that does not fit" : $"a signature that does not fit, after {lost} more that were not noted"));
        }
    }
}
