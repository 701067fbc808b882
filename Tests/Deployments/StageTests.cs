using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Audit;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Manifests;
using Maestro.Outside;
using Maestro.Outside.Processes;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Deployments;

/// <summary>What single stages do when things go wrong in their middle, over real environments.</summary>
public sealed class StageTests : IAsyncLifetime
{
    private static readonly DeploymentId Id = DeploymentId.Of("local", "acme", "shop", 1);
    private static readonly EnvironmentKey Production = new("shop", "production");
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Database _database = new();
    private readonly Clock _clock = new();
    private readonly StagePlace _place = new();
    private readonly FolderGitHost _git = new() { Files = { [Manifest.FileName] = "application: shop" } };
    private TestCluster _cluster = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(configure: silo =>
    {
        silo.AddMemoryGrainStorage("maestro");
        silo.Services.AddLedger(_database);
    });

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task A_release_that_was_replaced_is_drained_from_the_switch_on()
    {
        var rollout = new Rollout(_place, _place, _place, _clock);
        var ordered = _clock.GetUtcNow();
        // The release before took a minute to start.
        _clock.Advance(TimeSpan.FromMinutes(1));
        (_place.Served, _place.UnderWay) = (new("before", null, 1, _clock.GetUtcNow()), 1);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(await rollout.RetireAsync(Production, "old", ordered, Cancellation));
        Assert.Empty(_place.Stopped);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await rollout.RetireAsync(Production, "old", ordered, Cancellation));
        Assert.Equal(["old"], _place.Stopped);
    }

    [Fact]
    public async Task A_watch_answers_after_every_failure_and_refuses_only_after_as_many_in_a_row_as_are_allowed()
    {
        using var scope = CallerScope.As(Role.Deployment);
        var (stage, assignment) = (Watch(), Assigned(Stage.Watch));
        _place.Served = new(assignment.EffectOf(Stage.Promote), null, 1);
        foreach (var healthy in new[] { false, false, true, false, false })
        {
            _place.Healthy = healthy;
            var notYet = Assert.IsType<Answer<Settled>.NotYet>(await AskAsync(stage, assignment));
            Assert.Equal(Interval, notYet.LookAgain);
            _clock.Advance(Interval);
        }
        // Somebody who takes up the order again has not seen the failures before.
        Assert.IsType<Answer<Settled>.NotYet>(await AskAsync(stage, assignment with { Since = _clock.GetUtcNow() }));
        Assert.IsType<Answer<Settled>.NotYet>(await AskAsync(stage, assignment with { Since = _clock.GetUtcNow() }));
        Assert.Equal("watch.unhealthy", Assert.IsType<Answer<Settled>.Refused>(
            await AskAsync(stage, assignment with { Since = _clock.GetUtcNow() })).Reason.Code);
    }

    [Fact]
    public async Task A_build_that_is_no_longer_allowed_is_stopped()
    {
        var workshop = new StoppedWorkshop();
        var stage = new BuildStage(workshop, new(_git, new FixedManifest()), new(null!, null!));
        var refused = Assert.IsType<Answer<ImageBuilt>.Refused>(await stage.AskAsync(
            Assigned(Stage.Build), (new ChangeReviewed(Verdict.Reject, "a test", false, 1, []), new RunAllowed("", [], [])), Cancellation));
        Assert.Equal(("approval.too-few", Assigned(Stage.Build).Effect), (refused.Reason.Code, Assert.Single(workshop.Stopped)));
    }

    private WatchStage Watch() => new(
        _place, _place, _cluster.Silo.GetRequiredService<IGrainFactory>(), new(_git, new FixedManifest()), new NoOutages(), _clock);

    private Task<Answer<Settled>> AskAsync(WatchStage stage, Assignment assignment) =>
        stage.AskAsync(assignment, new(Entries.Evidence, "r1", 1, _clock.GetUtcNow(), null), Cancellation);

    private Assignment Assigned(Stage stage) => new(Id, 1, stage, 1, new ChangeOpened(
        new Application("shop", "local", "acme", "/srv/shop.git", "core", "local", new("staging", 5001, 1), new("production", 5002, 1)), 1, "", "topic",
        "main", new string('a', 40), new string('b', 40), new string('c', 40), new string('d', 40), "ada", [], true, []), _clock.GetUtcNow(), null, null);

    private sealed class FixedManifest : IManifestReader
    {
        public Manifest Read(ReadOnlyMemory<byte> text) => new(
            "shop", new(["build"], Interval), "out", null, new(["run"], "PORT", [new("/", 200, null, Interval, Interval)]), null,
            MergeMode.Never, new(TimeSpan.FromHours(1), 3));
    }

    private sealed class NoOutages : IOutages
    {
        public Task LookAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ImmutableArray<Outage> Known => [];

        public Task BeatAsync(CancellationToken cancellation) => Task.CompletedTask;
    }

    /// <summary>A workshop in which work may be stopped and must not be begun.</summary>
    private sealed class StoppedWorkshop : IWorkshop
    {
        public List<string> Stopped { get; } = [];

        public Task StopAsync(string effect, CancellationToken cancellation)
        {
            Stopped.Add(effect);
            return Task.CompletedTask;
        }

        public Task<Work<ImageBuilt>> BuildAsync(string effect, ChangeOpened change, Manifest manifest, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<Work<TestsPassed>> TestAsync(
            string effect, ChangeOpened change, Manifest manifest, Digest image, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<ImageCleared> ScanAsync(Digest image, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
