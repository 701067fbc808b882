using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Telemetry;

/// <summary>What is measured, and that it stays within bounds.</summary>
public sealed class MeasureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_desk_that_asked_waited_for_people_and_all_else_was_work()
    {
        using var heard = new Heard(Instruments.StageDuration.Name);
        var before = new[] { Entries.Opened(), Entries.Started(Stage.AllowRun), Entries.Started(Stage.Scan) }.Fold();
        LogEntry After(LogEntry entry, double seconds) => entry with { At = Entries.Began + TimeSpan.FromSeconds(seconds) };
        var deployment = DeploymentId.Parse("pr/local/measures/shop/1");
        Recordings.Tell(deployment, Plans.Shipped, before, After(Entries.Proved(Stage.AllowRun), 101.5), _ => false);
        Recordings.Tell(deployment, Plans.Shipped, before, After(Entries.Proved(Stage.AllowRun), 1.25), stage => stage == Stage.AllowRun);
        Recordings.Tell(deployment, Plans.Shipped, before, After(Entries.Proved(Stage.AllowRun), 0.75), _ => false);
        Recordings.Tell(deployment, Plans.Shipped, before, After(Entries.Broke(Stage.Scan), 102.5), _ => false);

        Assert.Equal(
            ["101.5 AllowRun proved people", "1.25 AllowRun proved people", "0.75 AllowRun proved work", "102.5 Scan broke work"],
            heard.All);
    }

    [Fact]
    public void A_rollback_is_counted_by_its_cause()
    {
        using var heard = new Heard(Instruments.Rollbacks.Name);
        var deployment = DeploymentId.Parse("pr/local/measures/shop/2");
        Recordings.Tell(deployment, Plans.Shipped, Entries.AllDone().Fold(), Entries.Closed(Outcome.RolledBack, "watch.unhealthy"), _ => false);
        Recordings.Tell(deployment, Plans.Shipped, Entries.AllDone().Fold(), Entries.Closed(Outcome.RolledBack, Codes.RolledBackByCommand), _ => false);

        Assert.Equal(["1 itself", "1 command"], heard.All);
    }

    [Fact]
    public void Whoever_sends_many_codes_fills_no_metrics()
    {
        var bounded = new Bounded();
        var told = Enumerable.Range(0, 10 * Bounded.Most).Select(i => bounded.Of($"code.{i}")).Distinct().ToList();
        Assert.Equal(Bounded.Most + 1, told.Count);
        Assert.Contains(Bounded.Other, told);
        Assert.Equal("code.1", bounded.Of("code.1"));
        Assert.All(new[] { "", "a b", "<script>", new string('a', 200), "x\n", null }, odd => Assert.Equal(Bounded.Other, new Bounded().Of(odd)));
    }

    [Fact]
    public void Queues_of_one_name_are_added_and_the_fullest_is_shown()
    {
        using var first = Queues.Watch("test", 100, () => 5);
        using (Queues.Watch("test", 10, () => 9))
        {
            Assert.Equal((14, 0.9), (Of(Instruments.QueueLength), Of(Instruments.QueueFill)));
        }
        Assert.Equal((5, 0.05), (Of(Instruments.QueueLength), Of(Instruments.QueueFill)));

        static double Of(Level level) => level.Read().Single(measured => measured.Tags[0].Value is "test").Value;
    }

    [Fact]
    public async Task What_a_dead_silo_held_is_measured_until_it_goes_on_and_a_goodbye_is_no_death()
    {
        using var heard = new Heard(Instruments.RecoveryDuration.Name, Instruments.SilosLost.Name);
        using var database = new Database();
        var log = database.OpenLog();
        var (dead, left) = (SiloAddress.New(IPAddress.Loopback, 11_111, 1), SiloAddress.New(IPAddress.Loopback, 11_112, 1));
        var (held, kept) = (Database.Deployment(1), Database.Deployment(2));
        Assert.True(await log.AppendAsync(Database.Append(held, 1) with { Writer = $"{dead}/activation" }, Cancellation));
        Assert.True(await log.AppendAsync(Database.Append(kept, 1) with { Writer = $"{left}/activation" }, Cancellation));
        var clock = new Clock();
        var deaths = new Deaths(clock);
        deaths.Note(dead, SiloStatus.Dead);
        deaths.Note(left, SiloStatus.ShuttingDown);
        deaths.Note(left, SiloStatus.Dead);
        clock.Advance(TimeSpan.FromSeconds(2.5));
        await deaths.MeasureAsync(log, held, 1);
        await deaths.MeasureAsync(log, kept, 1);
        clock.Advance(TimeSpan.FromMinutes(10));
        await deaths.MeasureAsync(log, held, 1);
        await ((IAsyncDisposable)log).DisposeAsync();

        Assert.Equal(["1", "2.5"], heard.All.Select(told => told.Trim()));
    }

    [Theory]
    [InlineData("collector")]
    [InlineData("ftp://collector")]
    [InlineData("/v1/traces")]
    public async Task A_collector_without_an_address_is_refused(string otlp) => await Expect.RefusedAsync("telemetry.otlp", () =>
    {
        TelemetrySettings.Of(otlp, 0, 0);
        return Task.CompletedTask;
    });

    /// <summary>What these instruments are told by the calling test's own flow: value, then tags.</summary>
    private sealed class Heard : IDisposable
    {
        private static readonly AsyncLocal<Heard?> Current = new();
        private readonly ConcurrentQueue<string> _all = new();
        private readonly MeterListener _listener = new();

        public Heard(params string[] names)
        {
            Current.Value = this;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (names.Contains(instrument.Name))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Take(value, tags));
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Take(value, tags));
            _listener.Start();
        }

        public IReadOnlyList<string> All => [.. _all];

        public void Dispose() => _listener.Dispose();

        private void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Current.Value == this)
            {
                _all.Enqueue(FormattableString.Invariant($"{value} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}"));
            }
        }
    }
}
