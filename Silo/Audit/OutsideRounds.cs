using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Maestro.Cluster;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Telemetry;
using Microsoft.Extensions.Logging;

namespace Maestro.Audit;

/// <summary>
/// Shows the ledger to the outside witnesses whenever a checkpoint is new, and every minute. One that is away holds up nothing; how far it is behind
/// is told.
/// </summary>
internal sealed partial class OutsideRounds(
    OutsideWitnesses outside, IGrainFactory grains, Refusals refusals, IDuties duties, TimeProvider time, ILogger<OutsideRounds> logger)
    : Rounds(Role.Control, CheckpointRounds.Pace, time)
{
    private const string Ledger = "ledger/main";

    private readonly TimeProvider _time = time;
    private readonly Dictionary<string, DateTimeOffset> _cosigned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _away = new(StringComparer.Ordinal);
    private string? _shown;
    private DateTimeOffset _shownAt;

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (!await duties.HoldsAsync("outside-witnesses", cancellation))
        {
            Instruments.WitnessLag.Clear();
            return;
        }
        var checkpoints = grains.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key);
        var newest = (await checkpoints.GrowthAsync(0))?.Note is { } note ? SignedNote.Of(note).Text : null;
        if (newest is null || (newest == _shown && _away.Count == 0 && _time.GetUtcNow() - _shownAt < OutsideWitnesses.Fresh))
        {
            return;
        }
        var sightings = await outside.AskAsync(checkpoints, cancellation);
        (_shown, _shownAt) = (newest, _time.GetUtcNow());
        foreach (var sighting in sightings)
        {
            await NoteAsync(sighting);
        }
        Measure(sightings);
    }

    private async Task NoteAsync(Sighting sighting)
    {
        if (sighting.Alarm is { } alarm)
        {
            LogOther(sighting.Witness, alarm.ToString());
            await refusals.NoteAsync(Principal.OfRole(Role.Control), Ledger, "ledger.disowned", alarm);
        }
        else if (sighting.Away is { } away && _away.Add(sighting.Witness))
        {
            LogAway(sighting.Witness, away);
        }
        if (sighting.At is not null && _away.Remove(sighting.Witness))
        {
            LogBack(sighting.Witness);
        }
    }

    private void Measure(ImmutableArray<Sighting> sightings)
    {
        var now = _time.GetUtcNow();
        foreach (var sighting in sightings)
        {
            _cosigned[sighting.Witness] = sighting.At is null ? _cosigned.GetValueOrDefault(sighting.Witness, now) : now;
        }
        Instruments.WitnessLag.Set([.. _cosigned.Select(one => new Measurement<double>(
            (now - one.Value).TotalSeconds, new KeyValuePair<string, object?>("witness", one.Key)))]);
    }

    [LoggerMessage(LogLevel.Critical, "The ledger is not the one that the outside witness {Witness} has seen: {Fault}")]
    private partial void LogOther(string witness, string fault);

    [LoggerMessage(LogLevel.Warning, "The outside witness {Witness} did not cosign: {Cause}. It is asked again every five seconds")]
    private partial void LogAway(string witness, string cause);

    [LoggerMessage(LogLevel.Information, "The outside witness {Witness} cosigns again")]
    private partial void LogBack(string witness);

    [LoggerMessage(LogLevel.Warning, "The ledger was not shown to the outside witnesses and is shown again in five seconds")]
    private partial void LogFailed(Exception failure);
}
