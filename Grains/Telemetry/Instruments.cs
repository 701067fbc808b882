using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Maestro.Anomalies;
using Maestro.Identity;

namespace Maestro.Telemetry;

/// <summary>Every metric of Maestro, and nowhere else is one made. Tags take values of closed sets only.</summary>
public static class Instruments
{
    /// <summary>The name of the one meter.</summary>
    public const string MeterName = "Maestro";

    private static readonly Meter Meter = new(MeterName);
    private static readonly List<InstrumentRow> Rows = [];
    private static readonly double[] Moments = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] Stretches = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 1800, 3600, 4 * 3600, 24 * 3600];
    private static readonly double[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    public static Histogram<double> StageDuration { get; } = Spread(
        "maestro.stage.duration", "s", "From a try's start to its answer; waiting is work or people.", Stretches, "stage", "outcome", "waiting");

    public static Counter<long> StageRetries { get; } = Count("maestro.stage.retries", "{try}", "Tries after the first.", "stage");

    public static Counter<long> Undos { get; } = Count("maestro.undos", "{undo}", "Stages undone, or not, on the way back.", "stage", "outcome");

    public static Counter<long> AttemptsOpened { get; } = Count("maestro.attempts.opened", "{attempt}", "Attempts that were opened.");

    public static Counter<long> AttemptsClosed { get; } = Count("maestro.attempts.closed", "{attempt}", "Attempts that were closed.", "outcome");

    public static Counter<long> Rollbacks { get; } = Count(
        "maestro.rollbacks", "{rollback}", "Releases taken back; cause is command or itself.", "cause");

    public static Histogram<double> RecoveryDuration { get; } = Spread(
        "maestro.recovery.duration", "s", "From the notice of a silo's death to the next append of a deployment that it held.", Moments);

    public static Counter<long> SilosLost { get; } = Count(
        "maestro.silos.lost", "{silo}", "Silos declared dead that had not said goodbye, as this silo saw it.");

    public static Counter<long> BeatsMissed { get; } = Count("maestro.beats.missed", "{beat}", "Signs of life that the database did not take.");

    public static Counter<long> AppendsFenced { get; } = Count("maestro.log.fenced", "{append}", "Appends refused because another activation wrote first.");

    public static Histogram<double> BatchDuration { get; } = Spread(
        "maestro.log.batch.duration", "s", "One group commit of the deployments' log.", Moments, "database");

    public static Histogram<long> BatchRows { get; } = Kept(
        Meter.CreateHistogram("maestro.log.batch.rows", "{row}", "Writes in one group commit.", null, new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries = [.. Sizes.Select(size => (long)size)],
        }),
        "histogram", "database");

    public static Histogram<double> OutsideDuration { get; } = Spread(
        "maestro.outside.duration", "s", "One call of an outside world.", Moments, "port", "operation", "outcome");

    public static Counter<long> MessagesRefused { get; } = Count(
        "maestro.messages.refused", "{message}", "Messages and decisions that did not count.", "code");

    public static Counter<long> MessageAnomalies { get; } = Count(
        "maestro.messages.anomalies", "{anomaly}", "What a sender of messages does not usually do, or never may; at most one of a kind in ten seconds.",
        "sender", "kind");

    public static Counter<long> CallsRefused { get; } = Count("maestro.calls.refused", "{call}", "Grain calls that were refused admission.", "method");

    public static Counter<long> GlassBroken { get; } = Count(
        "maestro.glass", "{step}", "Steps of people who broke the glass: opened, seconded, used, expired.", "step");

    public static Counter<long> ModelTokens { get; } = Count(
        "maestro.model.tokens", "{token}", "Tokens that a model read or wrote; the offline reviewer uses none.", "model", "direction");

    public static Level QueueLength { get; } = Gauge("maestro.queue.length", "{item}", "What waits in the queues of one name of this silo.", "queue");

    public static Level QueueFill { get; } = Gauge("maestro.queue.fill", "1", "How full the fullest queue of this name is, from 0 to 1.", "queue");

    public static Level OldestDue { get; } = Gauge(
        "maestro.due.age", "s", "For how long the deployment that is longest overdue was not picked up. From one silo of the cluster.");

    public static Level LedgerLag { get; } = Gauge(
        "maestro.ledger.lag", "s", "Age of the oldest fact that has no place in the ledger yet. From one silo of the cluster.");

    public static Level WitnessLag { get; } = Gauge(
        "maestro.ledger.witness.lag", "s", "For how long an outside witness has not cosigned the ledger. From one silo of the cluster.", "witness");

    public static Level OutboxLength { get; } = Gauge(
        "maestro.ledger.outbox", "{fact}", "Facts that wait for a place in the ledger. From one silo of the cluster.");

    public static Level DeploymentsOpen { get; } = Gauge(
        "maestro.deployments.open", "{deployment}", "Deployments that are not closed. From one silo of the cluster.", "status");

    public static Level DiskFree { get; } = Gauge("maestro.disk.free", "By", "What is left of the data folder's disk.");

    /// <summary>The table of all of them.</summary>
    public static ImmutableArray<InstrumentRow> All { get; } = [.. Rows];

    /// <summary>Shows zero of what is rare, so that the first one is a rise.</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { SilosLost, BeatsMissed, AppendsFenced, AttemptsOpened })
        {
            counter.Add(0);
        }
        Rollbacks.Add(0, new KeyValuePair<string, object?>("cause", "command"));
        Rollbacks.Add(0, new KeyValuePair<string, object?>("cause", "itself"));
        foreach (var step in new[] { "opened", "seconded", "used", "expired" })
        {
            GlassBroken.Add(0, new KeyValuePair<string, object?>("step", step));
        }
        foreach (var role in Principal.SiloRoles)
        {
            MessageAnomalies.Add(0, new("sender", Principal.OfRole(role)), new("kind", AnomalyCodes.RateLimit));
            MessageAnomalies.Add(0, new("sender", Principal.OfRole(role)), new("kind", AnomalyCodes.OrderLimit));
        }
    }

    private static Counter<long> Count(string name, string unit, string meaning, params string[] tags) =>
        Kept(Meter.CreateCounter<long>(name, unit, meaning), "counter", tags);

    private static Histogram<double> Spread(string name, string unit, string meaning, double[] limits, params string[] tags) =>
        Kept(Meter.CreateHistogram(name, unit, meaning, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = limits }), "histogram", tags);

    private static Level Gauge(string name, string unit, string meaning, params string[] tags)
    {
        var level = new Level();
        Kept(Meter.CreateObservableGauge(name, level.Read, unit, meaning), "gauge", tags);
        return level;
    }

    private static T Kept<T>(T instrument, string kind, params string[] tags)
        where T : Instrument
    {
        Rows.Add(new(instrument.Name, kind, instrument.Unit!, instrument.Description!, [.. tags]));
        return instrument;
    }
}

/// <summary>What there is to know of one metric.</summary>
/// <param name="Kind">counter, histogram or gauge.</param>
/// <param name="Unit">As in UCUM; what is in braces is counted.</param>
public sealed record InstrumentRow(string Name, string Kind, string Unit, string Meaning, ImmutableArray<string> Tags);
