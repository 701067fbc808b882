using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Telemetry;

/// <summary>What spans are made of; each test has a deployment, and so a trace, of its own.</summary>
public sealed class SpanTests
{
    private static int _number;
    private readonly DeploymentId _deployment = DeploymentId.Parse($"pr/local/spans/shop/{Interlocked.Increment(ref _number)}");

    [Fact]
    public void A_stage_that_is_told_twice_is_one_span_with_the_recorded_times()
    {
        using var spans = new Heard();
        var before = new[] { Entries.Opened(), Entries.Started(Stage.Review) }.Fold();
        var answer = (LogEntry.Proved)Entries.Proved(Stage.Review) with { At = Entries.Began + TimeSpan.FromMinutes(3) };
        Recordings.Tell(_deployment, Plans.Shipped, before, answer, _ => false);
        Recordings.Tell(_deployment, Plans.Shipped, before, answer, _ => false);

        var told = spans.Of(_deployment);
        Assert.Equal(2, told.Length);
        Assert.All(told, span =>
        {
            Assert.Equal("stage Review", span.DisplayName);
            Assert.Equal(SpanIds.StageOf(_deployment, 1, Stage.Review, 1).SpanId, span.SpanId);
            Assert.Equal(SpanIds.AttemptOf(_deployment, 1).SpanId, span.ParentSpanId);
            Assert.Equal((Entries.Began.UtcDateTime, TimeSpan.FromMinutes(3)), (span.StartTimeUtc, span.Duration));
            Assert.Contains(span.SpanId.ToHexString(), span.Id!, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_attempt_begins_its_trace_and_another_attempt_another_one()
    {
        using var spans = new Heard();
        Recordings.Tell(_deployment, Plans.Shipped, Entries.AllDone().Fold(), Entries.Closed(), _ => false);

        var attempt = Assert.Single(spans.Of(_deployment));
        Assert.Equal((Traces.Attempt, default), (attempt.DisplayName, attempt.ParentSpanId));
        Assert.Equal(SpanIds.AttemptOf(_deployment, 1).SpanId, attempt.SpanId);
        Assert.NotEqual(SpanIds.TraceOf(_deployment, 1), SpanIds.TraceOf(_deployment, 2));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void What_a_refusal_says_is_not_told_but_its_code_is()
    {
        using var spans = new Heard();
        var before = new[] { Entries.Opened(), Entries.Started(Stage.Build) }.Fold();
        Recordings.Tell(_deployment, Plans.Shipped, before, Entries.Refused(Stage.Build), _ => false);
        var odd = (LogEntry.Refused)Entries.Refused(Stage.Build) with { Code = "a secret <text>" };
        Recordings.Tell(_deployment, Plans.Shipped, before, odd, _ => false);

        Assert.Equal(["no", Bounded.Other], spans.Of(_deployment).Select(span => span.GetTagItem("error.type")));
    }

    [Fact]
    public void A_sender_is_believed_within_the_trace_that_the_signed_message_names_only()
    {
        using var spans = new Heard();
        var binding = Binding.Of(_deployment, 1, Stage.Review, 1, Role.Review, TimeProvider.System);
        var own = SpanIds.Of(_deployment, 1, "any");
        var foreign = SpanIds.Of(DeploymentId.Parse("pr/local/spans/other/1"), 1, "any");
        using (var taken = Traces.Take("agent", binding, $"00-{own.TraceId}-{own.SpanId}-01"))
        {
            Assert.Equal(own.SpanId, taken!.ParentSpanId);
        }
        foreach (var said in new[] { $"00-{foreign.TraceId}-{foreign.SpanId}-01", "nonsense", null })
        {
            using var taken = Traces.Take("agent", binding, said);
            Assert.Equal((SpanIds.TraceOf(_deployment, 1), SpanIds.StageOf(_deployment, 1, Stage.Review, 1).SpanId), (taken!.TraceId, taken.ParentSpanId));
        }
    }

    [Fact]
    public async Task A_call_of_an_outside_world_is_a_span_of_its_own_for_that_call_alone()
    {
        using var spans = new Heard();
        var names = TracedPort<INames>.Around(new Names(), "names");
        var place = SpanIds.AttemptOf(_deployment, 1);
        using var around = Traces.Source.StartActivity("around", ActivityKind.Internal, place);
        await names.PointAsync(new("shop", "production"), 80, TestContext.Current.CancellationToken);
        Assert.Same(around, Activity.Current);
        await Assert.ThrowsAsync<RefusedException>(() => names.PointAsync(new("shop", "refused"), 80, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<OutsideException>(() => names.PointAsync(new("shop", "broken"), 80, TestContext.Current.CancellationToken));
        var probe = TracedPort<IHealthProbe>.Around(new Probe(), "health");
        Assert.True((await probe.CheckAsync(new("http://127.0.0.1"), [], TestContext.Current.CancellationToken)).Healthy);

        var told = spans.Of(_deployment);
        Assert.Equal(["names Point ok ", "names Point refused names.no", "names Point broke names.lost", "health Check ok "],
            told.Select(span => $"{span.DisplayName} {span.GetTagItem("maestro.outcome")} {span.GetTagItem("error.type")}"));
        Assert.All(told, span => Assert.Equal(around!.SpanId, span.ParentSpanId));
    }

    [Fact]
    public void Nothing_is_made_where_nobody_listens()
    {
        var (entry, writes) = (Entries.Started(Stage.Review), Array.Empty<ITraced>());
        var binding = Binding.Of(_deployment, 1, Stage.Review, 1, Role.Review, TimeProvider.System);
        Assert.Null(Traces.Send(Traces.Order, binding));
        Assert.Null(Traces.Take("agent", binding, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Count();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Count()
        {
            using var span = Traces.Append(_deployment, entry);
            using var batch = Batches.Begin("sqlite", writes);
            Instruments.StageDuration.Record(1, new KeyValuePair<string, object?>("stage", "Review"), new("outcome", "proved"), new("waiting", "work"));
            Instruments.AppendsFenced.Add(1);
        }
    }

    /// <summary>Every span of Maestro that ends while it listens.</summary>
    private sealed class Heard : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        public Heard()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Traces.SourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ImmutableArray<Activity> Of(DeploymentId deployment) => [.. _ended.Where(span => span.TraceId == SpanIds.TraceOf(deployment, 1))];

        public void Dispose() => _listener.Dispose();
    }

    private sealed class Names : INames
    {
        public async Task PointAsync(EnvironmentKey environment, int port, CancellationToken cancellation)
        {
            await Task.Yield();
            switch (environment.Environment)
            {
                case "refused":
                    throw new RefusedException(new Reason("names.no", "", "", "a secret", ""));
                case "broken":
                    throw new OutsideException(new Reason("names.lost", "", "", "a secret", ""));
            }
        }
    }

    private sealed class Probe : IHealthProbe
    {
        public Task<Health> CheckAsync(Uri address, ImmutableArray<HealthCheck> checks, CancellationToken cancellation) =>
            Task.FromResult(new Health(true, ""));
    }
}
