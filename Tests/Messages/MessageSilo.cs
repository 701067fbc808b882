using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Audit;
using Maestro.Cluster;
using Maestro.Connection;
using Maestro.Delivery;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Outside.Git;
using Maestro.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;
using Orleans.Streams;

namespace Maestro.Messages;

/// <summary>
/// A real silo in this process with real keys, a repository and a person, or two of a cluster. Its controls can be waived one at a time.
/// </summary>
public sealed class MessageSilo : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-messages-");
    private readonly ScratchRepository _repository = new(bare: true);
    private Storage.DataFolder _data = null!;
    private readonly List<IHost> _hosts = [];
    private ISilo _owner = null!;
    private int _branches;

    internal Controls Controls { get; } = new();

    internal CountedReviewer Reviewer { get; } = new();

    internal FullQueues Fullness { get; } = new();

    /// <summary>The PostgreSQL database of a cluster of two; null for one silo on its own.</summary>
    internal string? Database { get; init; }

    /// <summary>Puts more parts in place of the silos' own.</summary>
    internal Action<IServiceCollection> More { get; init; } = _ => { };

    internal IServiceProvider Services => _hosts[0].Services;

    internal IKeyring Keyring => Services.GetRequiredService<IKeyring>();

    internal IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    /// <summary>A person's console.</summary>
    internal ISilo Owner => _owner;

    internal ScratchRepository Repository => _repository;

    private string PeoplesKeys => Path.Combine(_folder.FullName, "people");

    internal static string Manifest =>
        new TestRepository("").Manifest.Replace("application: served", "application: shop", StringComparison.Ordinal);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var path = Path.Combine(_folder.FullName, "data");
        _data = Database is null ? Storage.DataFolder.Open(path) : Storage.DataFolder.Join(path);
        await BuildAsync();
        foreach (var host in _hosts)
        {
            await host.StartAsync(Cancellation);
        }
        await EnrolAsync("owner", [Role.Viewer, Role.Author, Role.Administrator]);
        _owner = await ConnectAsync("owner");
        await _owner.Grain<IApplicationsGrain>("applications/all").AddAsync(_repository.Application);
    }

    public async ValueTask DisposeAsync()
    {
        if (_data is null)
        {
            return;
        }
        await (_owner?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var host in _hosts)
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }
        _data.Dispose();
        // The edge that it started outlives a silo.
        await SiloHost.EndAsync(_data.Path, CancellationToken.None);
        _repository.Dispose();
        await Eventually.IsGoneAsync(_folder.FullName);
    }

    internal async Task<Person> EnrolAsync(string name, ImmutableArray<Role> roles) =>
        await new Enrolment(_data.Keys, EmbeddedIdentity.RosterPath(_data.Path)).EnrolAsync(
            name, [$"{name}@maestro.example"], roles, [_repository.Application.Team], PeoplesKeys, Cancellation);

    internal Task<ISilo> ConnectAsync(string person) =>
        new SiloConnector(TimeProvider.System, (client, _) => client.AddIdentity(KeyOf(person))).ConnectAsync(_data.Path, Cancellation);

    internal PersonKey KeyOf(string person) => PersonKey.Load(Path.Combine(PeoplesKeys, $"{person}.key"));

    /// <summary>A pull request of its own, by somebody who is not in the roster, into a base branch of its own.</summary>
    internal async Task<ChangeOpened> PullAsync()
    {
        var (head, into) = Push();
        return await Services.GetRequiredService<IGitHost>().OpenAsync(_repository.Application, head, into, "alice", Cancellation);
    }

    /// <summary>A deployment of its own that waits for its review.</summary>
    internal async Task<DeploymentId> OpenAsync()
    {
        var (head, into) = Push();
        var id = DeploymentId.Parse(await _owner.Grain<IGatewayGrain>("gateway/local").OpenAsync("shop", head, into));
        await Eventually.IsTrueAsync(async () => (await LogAsync(id)).Any(entry => entry is LogEntry.Started { Stage: Stage.Review }));
        return id;
    }

    internal async Task<LogEntry[]> LogAsync(DeploymentId id) =>
        [.. (await Services.GetRequiredService<IDeploymentLog>().ReadAsync(id, 1, 1000, Cancellation)).Select(stored => stored.Entry)];

    internal async Task<LedgerFact[]> LedgerAsync(DeploymentId id) =>
        [.. (await Services.GetRequiredService<ILedgerStore>().ReadAsync(0, 100_000, Cancellation)).Select(entry => entry.Fact)
            .Where(fact => fact.Subject == id.ToString())];

    /// <summary>Puts a message on a stream as anybody can who has a silo.</summary>
    internal Task PublishAsync(string channel, DeploymentId receiver, Envelope envelope) =>
        Services.GetRequiredKeyedService<IStreamProvider>(Channels.Provider)
            .GetStream<Envelope>(StreamId.Create(channel, receiver.ToString())).OnNextAsync(envelope);

    /// <summary>Waits until the ledger says that a message to this receiver was refused with this code.</summary>
    internal Task UntilRefusedAsync(DeploymentId receiver, string kind, string code) => Eventually.IsTrueAsync(
        async () => (await LedgerAsync(receiver)).Any(fact => fact.Kind == kind && fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal)));

    /// <summary>Two branches of their own: one with a change, and the one it goes to.</summary>
    internal (string Head, string Base) Push()
    {
        var number = Interlocked.Increment(ref _branches);
        var begin = _repository.Commit($"base-{number}", null, ("maestro.yaml", Manifest), ("readme.md", "one\n"));
        _repository.Commit($"change-{number}", begin, ("maestro.yaml", Manifest), ("readme.md", $"{number}\n"));
        return ($"change-{number}", $"base-{number}");
    }

    /// <summary>A grain's state as it is stored.</summary>
    internal async Task<TState> StoredAsync<TState>(string name, string grain, string key) where TState : new()
    {
        var stored = new GrainState<TState>(new());
        await Services.GetRequiredKeyedService<IGrainStorage>("maestro").ReadStateAsync(name, GrainId.Create(grain, key), stored);
        return stored.State!;
    }

    private async Task BuildAsync()
    {
        var settings = new SiloSettings(_data.Path, Unsandboxed: true, Verbose: false, Database);
        if (Database is null)
        {
            _hosts.Add(SiloHost.Build(_data, settings, Replace));
            return;
        }
        EmbeddedIdentity.Prepare(_data, SiloRoles.All);
        await using var source = new PostgresSource(Database);
        var cluster = await Installation.JoinAsync(source, KeyRegistry.RootOf(_data.Keys), TimeProvider.System, Cancellation);
        foreach (var name in new[] { "one", "two" })
        {
            _hosts.Add(SiloHost.Build(_data, settings with { Member = new(name, SiloRoles.All) }, Replace, cluster));
        }
    }

    private void Replace(IServiceCollection services)
    {
        services.AddSingleton<IReviewer>(Reviewer);
        services.AddSingleton<MessageRule>(Controls.Check);
        services.AddSingleton<IIncomingGrainCallFilter>(Fullness);
        services.AddSingleton<IKeyring>(provider => new WaivedKeyring(
            FileKeyring.Open(_data.Keys, KeyRegistry.RootOf(_data.Keys), Principal.SiloRoles, provider.GetRequiredService<IDirectory>()), Controls));
        services.AddSingleton(provider => new Answers(
            provider.GetRequiredService<IKeyring>(), provider.GetRequiredService<EvidenceFile>(), provider.GetRequiredService<IBlobStore>(),
            provider.GetRequiredService<IDeploymentLog>(), provider.GetRequiredService<Audit.Refusals>(), provider.GetRequiredService<MessageRule>(),
            provider.GetRequiredService<Plans>(), TimeProvider.System)
        { Place = Controls.Place });
        More(services);
    }
}
