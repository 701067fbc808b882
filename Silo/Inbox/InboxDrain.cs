using System.Collections.Concurrent;
using Maestro.Audit;
using Maestro.Cluster;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.Logging;

namespace Maestro.Inbox;

/// <summary>
/// Hands over what came in: within one application and branch in the order of arrival, beside each other otherwise. What can never be handed
/// over is refused and holds up nothing; what cannot now is tried again, after a second, doubling to a minute, for three days.
/// </summary>
internal sealed partial class InboxDrain(
    IInbox inbox, HandOver handOver, InboxBell bell, IDuties duties, Refusals refusals, TimeProvider time, ILogger<InboxDrain> logger)
    : Rounds(Role.Gateway, Pace, time)
{
    /// <summary>How long a delivery's id is remembered after it was handed over or refused.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    private const int Page = 256;
    private const int AtOnce = 8;
    private const int TrimmedAtOnce = 500;
    private const int TrimsARound = 20;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrimPace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    private readonly TimeProvider _time = time;
    private readonly ConcurrentDictionary<(string Application, string Head), LaneRest> _resting = new();
    private DateTimeOffset _trimAt;

    protected override bool RestsFirst => true;

    protected override Task RestAsync(TimeSpan pace, CancellationToken cancellation) => bell.WaitAsync(pace, cancellation);

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (!await duties.HoldsAsync("webhooks", cancellation))
        {
            return;
        }
        await DrainAsync(cancellation);
        await TrimAsync(cancellation);
    }

    private async Task DrainAsync(CancellationToken cancellation)
    {
        var (after, isLast) = (0L, false);
        // A lane that stopped in this round goes on in another: what comes later must not overtake.
        var stopped = new ConcurrentDictionary<(string Application, string Head), bool>();
        while (!isLast)
        {
            var page = await inbox.ReadWaitingAsync(after, Page, cancellation);
            isLast = page.Length < Page;
            after = isLast ? after : page[^1].Position;
            await Parallel.ForEachAsync(
                page.GroupBy(delivery => delivery.Lane).Where(lane => !stopped.ContainsKey(lane.Key)),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
                async (lane, _) =>
                {
                    if (!await DrainAsync(lane, cancellation))
                    {
                        stopped[lane.Key] = true;
                    }
                });
        }
    }

    // False where one of them could not be handed over, and those behind it wait.
    private async Task<bool> DrainAsync(IGrouping<(string Application, string Head), WaitingDelivery> lane, CancellationToken cancellation)
    {
        if (_resting.TryGetValue(lane.Key, out var rest) && _time.GetUtcNow() < rest.Until)
        {
            return false;
        }
        foreach (var delivery in lane)
        {
            if (!await TryAsync(delivery, cancellation))
            {
                return false;
            }
        }
        return true;
    }

    private async Task<bool> TryAsync(WaitingDelivery delivery, CancellationToken cancellation)
    {
        try
        {
            if (!await HandOrRefuseAsync(delivery, cancellation))
            {
                return false;
            }
            _resting.TryRemove(delivery.Lane, out _);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever goes wrong with one delivery must not hold up the others; it is tried again after a rest.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotHanded(failure, delivery.Source, delivery.Id, Rest(delivery.Lane));
            return false;
        }
    }

    private async Task<bool> HandOrRefuseAsync(WaitingDelivery delivery, CancellationToken cancellation)
    {
        try
        {
            if (_resting.ContainsKey(delivery.Lane) && _time.GetUtcNow() - delivery.ReceivedAt > Patience)
            {
                throw new RefusedException(new Reason("webhook.gave-up", "A delivery is handed over within three days.", "a deployment that takes it",
                    "failures for three days", "Look at the silo's log, then have it delivered again under another id."));
            }
            if (!await handOver.HandAsync(delivery, cancellation))
            {
                return false;
            }
            await inbox.SettleAsync(delivery.Position, null, _time.GetUtcNow(), cancellation);
            LogHanded(delivery.Event.Action, delivery.Source, delivery.Id);
        }
        catch (RefusedException refusal) when (!IsOfMaestroItself(refusal))
        {
            // Told first: a crash in between tells it twice, and never not at all.
            await refusals.NoteAsync(Principal.OfWebhook(delivery.Source), Principal.OfWebhook(delivery.Source), "webhook.refused", refusal.Reason);
            await inbox.SettleAsync(delivery.Position, $"{refusal.Reason.Code}: {refusal.Reason}", _time.GetUtcNow(), cancellation);
            LogRefused(delivery.Source, delivery.Id, refusal.Reason.Code);
        }
        return true;
    }

    private TimeSpan Rest((string Application, string Head) lane)
    {
        var rest = _resting.TryGetValue(lane, out var before) && before.For * 2 < LongestRest ? before.For * 2
            : before.For > TimeSpan.Zero ? LongestRest : Pace;
        _resting[lane] = new(_time.GetUtcNow() + rest, rest);
        return rest;
    }

    // A call that was not admitted says something of this silo's keys or clock, and nothing of the delivery.
    private static bool IsOfMaestroItself(RefusedException refusal) => refusal.Reason.Code.StartsWith("call.", StringComparison.Ordinal);

    private async Task TrimAsync(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        if (now < _trimAt)
        {
            return;
        }
        _trimAt = now + TrimPace;
        for (var trim = 0; trim < TrimsARound && await inbox.TrimAsync(now - Remembered, TrimmedAtOnce, cancellation) == TrimmedAtOnce; trim++)
        {
        }
    }

    [LoggerMessage(LogLevel.Information, "{Action} of webhook {Source}/{Delivery} was handed over")]
    private partial void LogHanded(PullRequestAction action, string source, string delivery);

    [LoggerMessage(LogLevel.Warning, "Webhook {Source}/{Delivery} was refused: {Code}")]
    private partial void LogRefused(string source, string delivery, string code);

    [LoggerMessage(LogLevel.Warning, "Webhook {Source}/{Delivery} could not be handed over and is tried again in {Rest}")]
    private partial void LogNotHanded(Exception failure, string source, string delivery, TimeSpan rest);

    [LoggerMessage(LogLevel.Warning, "Handing over webhooks failed and is tried again in a second")]
    private partial void LogFailed(Exception failure);

    private readonly record struct LaneRest(DateTimeOffset Until, TimeSpan For);
}
