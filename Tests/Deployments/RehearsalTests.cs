using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Audit;
using Maestro.Deployments.Stages;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Deployments;

/// <summary>The rehearsal of a rollback over real environments: switched there and back once, however long requests are under way.</summary>
public sealed class RehearsalTests : IAsyncLifetime
{
    private static readonly DeploymentId Id = DeploymentId.Of("local", "acme", "shop", 1);

    private static readonly RunSettings Run = new(["run"], "PORT",
        [new("/", 200, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30))]);

    private static readonly EnvironmentKey Staging = new("shop", "staging");

    private readonly Database _database = new();
    private readonly Place _place = new();
    private TestCluster _cluster = null!;

    private IGrainFactory Grains => _cluster.Silo.GetRequiredService<IGrainFactory>();

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
    public async Task While_requests_are_under_way_it_is_not_rehearsed_again()
    {
        using var scope = CallerScope.As(Role.Deployment);
        await MakeLiveAsync("production", "pr/local/acme/shop/9/a1", Stage.Promote);
        await MakeLiveAsync("staging", "pr/local/acme/shop/1/a1", Stage.DeployStaging);
        _place.Serving = $"{Id}/a1/DeployStaging";
        _place.UnderWay = 1;
        var clock = new Clock();
        var stage = new RehearseRollbackStage(Grains, new Rollout(_place, _place, _place, clock), clock);
        var assignment = Assigned(clock.GetUtcNow());
        for (var look = 0; look < 5; look++)
        {
            Assert.IsType<Answer<RollbackRehearsed>.NotYet>(await AskAsync(stage, assignment));
        }
        Assert.Equal([$"{Id}/a1/RehearseRollback/live", $"{Id}/a1/DeployStaging"], _place.Switches);
        _place.UnderWay = 0;
        clock.Advance(TimeSpan.FromSeconds(9));
        var proved = Assert.IsType<Answer<RollbackRehearsed>.Proved>(await AskAsync(stage, assignment));
        Assert.Equal((0, Entries.Evidence), (proved.Proof.Seconds, proved.Proof.Live));
        Assert.Equal(2, _place.Switches.Count);
        // The answer may be lost, and another try is another measurement.
        Assert.IsType<Answer<RollbackRehearsed>.Proved>(await AskAsync(stage, assignment with { Try = 2 }));
        Assert.Equal(4, _place.Switches.Count);
    }

    private static Task<Answer<RollbackRehearsed>> AskAsync(RehearseRollbackStage stage, Assignment assignment) => stage.AskAsync(
        assignment, (new StagingProvisioned(Entries.Evidence, "l", 1, 1), new StagingHealthy(Entries.Evidence, "r1", 1)),
        TestContext.Current.CancellationToken);

    private static Assignment Assigned(DateTimeOffset since) => new(Id, 1, Stage.RehearseRollback, 1, new ChangeOpened(
        new Application("shop", "local", "acme", "/srv/shop.git", "core", "local", new("staging", 5001, 1), new("production", 5002, 1)), 1, "", "topic",
        "main", new string('a', 40), new string('b', 40), new string('c', 40), new string('d', 40), "ada", [], true, []), since, null, null);

    private async Task MakeLiveAsync(string environment, string holder, Stage stage)
    {
        var grain = Grains.GetGrain<IEnvironmentGrain>(new EnvironmentKey("shop", environment).ToString());
        var token = (await grain.AcquireAsync(holder)).Token;
        await grain.BeginAsync(token, new("", $"{holder}/{stage}", holder, 1, Entries.Evidence, "", Run, Entries.Began));
        await grain.CompleteAsync(token, $"{holder}/{stage}");
    }

    /// <summary>Instances and an edge that note what is switched; all is healthy.</summary>
    private sealed class Place : IRuntime, IEdge, IHealthProbe
    {
        public string? Serving { get; set; }

        public int UnderWay { get; set; }

        public List<string?> Switches { get; } = [];

        public Task<Instance> StartAsync(string name, EnvironmentKey environment, Digest image, RunSettings run, CancellationToken cancellation) =>
            Task.FromResult(new Instance(name, new Uri("http://127.0.0.1:1"), false, true, ""));

        public Task<Instance?> FindAsync(string name, CancellationToken cancellation) => Task.FromResult<Instance?>(null);

        public Task StopAsync(string name, TimeSpan grace, CancellationToken cancellation) => Task.CompletedTask;

        public Task<Route> ReadAsync(EnvironmentKey environment, CancellationToken cancellation) => Task.FromResult(new Route(Serving, null, 1));

        public Task<Route> SwitchAsync(
            EnvironmentKey environment, int port, long token, string? expected, string? target, Uri? address, Envelope? lease,
            CancellationToken cancellation)
        {
            Assert.Equal((Staging, Serving), (environment, expected));
            Switches.Add(target);
            Serving = target;
            return ReadAsync(environment, cancellation);
        }

        public Task<int> InFlightAsync(EnvironmentKey environment, string effect, CancellationToken cancellation) => Task.FromResult(UnderWay);

        public Task<Health> CheckAsync(Uri address, ImmutableArray<HealthCheck> checks, CancellationToken cancellation) =>
            Task.FromResult(new Health(true, ""));
    }
}
