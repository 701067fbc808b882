using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Demo;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Bench;

/// <summary>A whole silo on PostgreSQL in an instant world, with the people who open and approve by their own keys.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2213", Justification = "DisconnectAsync disposes the people.")]
internal sealed class BenchCluster : IAsyncDisposable
{
    /// <summary>As many teams as it takes for none to have more than a few questions at once.</summary>
    private const int Teams = 40;

    private static readonly Type?[] Keepers = [typeof(LiveReleases), typeof(Sweeper)];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Outcome>> _open = [];
    private readonly ConcurrentDictionary<DeploymentId, bool> _resting = [];
    private readonly TimeProvider _time;
    private ISilo _author = null!;
    private ISilo _reviewer = null!;
    private PersonKey _key = null!;
    private PersonKey _authorKey = null!;

    private BenchCluster(string database, TimeProvider time) => (Database, _time) = (database, time);

    public InstantWorld World { get; } = new();

    public string Database { get; }

    public BenchSilo Silo { get; private set; } = null!;

    /// <summary>How many deployments were looked at and wait on, since <see cref="Forget"/>.</summary>
    public int Resting => _resting.Count;

    public void Forget() => _resting.Clear();

    public static async Task<BenchCluster> StartAsync(BenchPlace place, string name, int applications, CancellationToken cancellation)
    {
        var cluster = new BenchCluster(await place.DatabaseAsync(cancellation), place.Time);
        await cluster.StartSiloAsync(place, name);
        await cluster.EnrolAsync(applications, cancellation);
        return cluster;
    }

    /// <summary>Starts the silo, again after <see cref="StopSiloAsync"/>.</summary>
    public async Task StartSiloAsync(BenchPlace place, string name) => Silo = await place.SiloAsync(name, Database, Replace);

    public async Task StopSiloAsync()
    {
        await DisconnectAsync();
        await Silo.DisposeAsync();
    }

    public static string ApplicationOf(int number) => string.Create(CultureInfo.InvariantCulture, $"bench-{number}");

    /// <summary>Opens a change.</summary>
    public Task<string> OpenAsync(int application) =>
        _author.Grain<IGatewayGrain>("gateway/local").OpenAsync(ApplicationOf(application), "change", "main");

    /// <summary>Opens a change and waits until its deployment is closed, with everybody's approval.</summary>
    public async Task DeliverAsync(int application, CancellationToken cancellation)
    {
        var closed = _open.GetOrAdd(await OpenAsync(application), _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (await closed.Task.WaitAsync(TimeSpan.FromMinutes(2), _time, cancellation) is not Outcome.Finished and var outcome)
        {
            throw new InvalidOperationException($"A benchmark's deployment ended as {outcome}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopSiloAsync();
        _key?.Dispose();
        _authorKey?.Dispose();
    }

    private void Replace(IServiceCollection services)
    {
        World.ReplaceIn(services);
        services.AddSingleton<PostgresDeploymentLog>();
        services.AddSingleton<IDeploymentLog>(provider => new TellingLog(
            provider.GetRequiredService<PostgresDeploymentLog>(), Tell, deployment => _resting[deployment] = true));
        // What looks after real processes has nothing to look after.
        foreach (var service in services.Where(service => Keepers.Contains(service.ImplementationType)).ToList())
        {
            services.Remove(service);
        }
    }

    private void Tell(DeploymentId deployment, LogEntry entry)
    {
        switch (entry)
        {
            case LogEntry.Started { Stage: Stage.Approval }:
                _ = ApproveAsync(deployment);
                break;
            case LogEntry.Closed closed:
                _open.GetOrAdd(deployment.ToString(), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(closed.Outcome);
                break;
        }
    }

    private async Task ApproveAsync(DeploymentId deployment)
    {
        try
        {
            var desk = _reviewer.Grain<IApprovalDeskGrain>($"desk/{TeamOf(deployment.Repository)}");
            ApprovalRequest? request;
            while ((request = (await desk.ListAsync()).FirstOrDefault(one => one.Deployment == deployment.ToString())) is null)
            {
                await Task.Delay(Look, _time);
            }
            var now = _time.GetUtcNow();
            await _reviewer.Grain<IGatewayGrain>("gateway/local").DecideAsync(TeamOf(deployment.Repository), PersonSigner.Sign(_key, new Decision(
                request.Deployment, request.Attempt, request.Stage, request.Head, request.Base, request.Plan, request.Image, request.Environment,
                request.Nonce, _key.Person, true, null, now, now + Validity)));
        }
        catch (Exception failure) when (failure is RefusedException or OutsideException or OrleansException or TimeoutException)
        {
            _open.GetOrAdd(deployment.ToString(), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetException(failure);
        }
    }

    private async Task EnrolAsync(int applications, CancellationToken cancellation)
    {
        var (enrolment, keys) = (new Enrolment(Path.Combine(Silo.Data, "keys"), EmbeddedIdentity.RosterPath(Silo.Data)), PersonKeys.Folder(Silo.Data));
        ImmutableArray<string> teams = [.. Enumerable.Range(0, Teams).Select(number => string.Create(CultureInfo.InvariantCulture, $"team-{number}"))];
        await enrolment.EnrolAsync("reviewer", ["reviewer@maestro.example"], [Role.Viewer, Role.Reviewer, Role.Sre, Role.Admin], teams, keys,
            cancellation);
        await enrolment.EnrolAsync("author", ["author@maestro.example"], [Role.Viewer, Role.Author], [], keys, cancellation);
        (_key, _authorKey) = (PersonKey.Load(Path.Combine(keys, "reviewer.key")), PersonKey.Load(Path.Combine(keys, "author.key")));
        await ConnectAsync(cancellation);
        var register = _reviewer.Grain<IApplicationsGrain>("applications/all");
        for (var number = 0; number < applications; number++)
        {
            var name = ApplicationOf(number);
            await register.AddAsync(new(name, "local", "bench", $"/bench/{name}", TeamOf(name), "local",
                new(EnvironmentSettings.StagingName, 20_000 + number, 1), new(EnvironmentSettings.ProductionName, 40_000 + number, 1)));
        }
    }

    /// <summary>Connects the people; needed again after a restart.</summary>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        _author = await DemoPeople.ConnectAsync(Silo.Data, _authorKey, _time, cancellation);
        _reviewer = await DemoPeople.ConnectAsync(Silo.Data, _key, _time, cancellation);
    }

    private async Task DisconnectAsync()
    {
        foreach (var person in new[] { _author, _reviewer }.Where(person => person is not null))
        {
            await person.DisposeAsync();
        }
        (_author, _reviewer) = (null!, null!);
    }

    private static string TeamOf(string application) =>
        string.Create(CultureInfo.InvariantCulture, $"team-{int.Parse(application["bench-".Length..], CultureInfo.InvariantCulture) % Teams}");
}
