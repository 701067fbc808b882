using System.Collections.Immutable;
using Maestro.Anomalies;
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
using Maestro.Rows;
using Maestro.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Orleans.Streams;

namespace Maestro.Messages;

/// <summary>
/// A real silo in this process with real keys, a repository and a person, or two of a cluster. Its controls can be waived one at a time.
/// </summary>
public sealed class MessageSilo : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-messages-");
    private readonly ScratchRepository _repository = new(bare: true) { Ports = (Ports.Free(), Ports.Free()) };
    private Storage.DataFolder _data = null!;
    private readonly List<IHost> _hosts = [];
    private ISilo _owner = null!;
    private int _branches;

    internal Controls Controls { get; } = new();

    internal CountedReviewer Reviewer { get; } = new();

    internal FullQueues Fullness { get; } = new();

    /// <summary>What the silos have warned of.</summary>
    internal KeptLog Log { get; } = new();

    /// <summary>The PostgreSQL database of a cluster of two; null for one silo on its own.</summary>
    internal string? Database { get; init; }

    /// <summary>What the second silo of a cluster acts as.</summary>
    internal ImmutableArray<Role> SecondRoles { get; init; } = SiloRoles.All;

    /// <summary>From when on a sender is cut off.</summary>
    internal SenderBounds Senders { get; init; } = new();

    /// <summary>Puts more parts in place of the silos' own.</summary>
    internal Action<IServiceCollection> More { get; init; } = _ => { };

    internal IServiceProvider Services => _hosts[0].Services;

    /// <summary>The root's public key.</summary>
    internal string Root => KeyRegistry.RootOf(_data.Keys);

    /// <summary>The folder of keys, with the root's.</summary>
    internal string Keys => _data.Keys;

    /// <summary>The folder of sealed evidence.</summary>
    internal string Blobs => _data.Blobs;

    /// <summary>The roster's file.</summary>
    internal string Roster => EmbeddedIdentity.RosterPath(_data.Path);

    /// <summary>The SQLite file of the silo on its own.</summary>
    internal string File => _data.Database;

    /// <summary>The second silo of a cluster.</summary>
    internal IServiceProvider Second => _hosts[1].Services;

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
        await StartAsync();
        await EnrolAsync("owner", [Role.Viewer, Role.Author, Role.Admin]);
        _owner = await ConnectAsync("owner");
        await _owner.Grain<IApplicationsGrain>("applications/all").AddAsync(_repository.Application);
    }

    public async ValueTask DisposeAsync()
    {
        if (_data is null)
        {
            return;
        }
        await StopAsync();
        _data.Dispose();
        // The edge that it started outlives a silo.
        await SiloHost.EndAsync(_data.Path, CancellationToken.None);
        _repository.Dispose();
        await Eventually.IsGoneAsync(_folder.FullName);
    }

    /// <summary>Ends the silos and starts others on what they stored.</summary>
    internal async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
        _owner = await ConnectAsync("owner");
    }

    private async Task StartAsync()
    {
        await BuildAsync();
        foreach (var host in _hosts)
        {
            await host.StartAsync(Cancellation);
        }
    }

    private async Task StopAsync()
    {
        await (_owner?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var host in _hosts)
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }
        _hosts.Clear();
    }

    /// <param name="team">Null for the application's own.</param>
    internal async Task<Person> EnrolAsync(string name, ImmutableArray<Role> roles, string? team = null) =>
        await new Enrolment(_data.Keys, EmbeddedIdentity.RosterPath(_data.Path)).EnrolAsync(
            name, [$"{name}@maestro.example"], roles, [team ?? _repository.Application.Team], PeoplesKeys, Cancellation);

    /// <summary>Gives a person who is enrolled another key.</summary>
    internal Task<Person> ReplaceKeyAsync(string name)
    {
        System.IO.File.Delete(Path.Combine(PeoplesKeys, $"{name}.key"));
        return new Enrolment(_data.Keys, Roster).EnrolAsync(name, null, null, null, PeoplesKeys, Cancellation);
    }

    /// <summary>Says that an account elsewhere is this person's.</summary>
    internal Task<Person> LinkAsync(string name, string account) =>
        new Enrolment(_data.Keys, EmbeddedIdentity.RosterPath(_data.Path)).LinkAsync(name, [account], Cancellation);

    internal Task<ISilo> ConnectAsync(string person) =>
        new SiloConnector(TimeProvider.System, (client, _) => client.AddIdentity(KeyOf(person))).ConnectAsync(_data.Path, Cancellation);

    /// <summary>A client of one's own making, which does with its calls what is said.</summary>
    internal Task<ISilo> ConnectAsync(Action<IClientBuilder> configure) =>
        new SiloConnector(TimeProvider.System, (client, _) => configure(client)).ConnectAsync(_data.Path, Cancellation);

    /// <summary>Another name for a person's key. Enrolment refuses one, so only whoever has the root's key can write it.</summary>
    internal async Task TwinAsync(string person, string name)
    {
        var path = EmbeddedIdentity.RosterPath(_data.Path);
        using var root = KeyFile.Load(Path.Combine(_data.Keys, KeyRegistry.RootKey), KeyRegistry.RootOwner);
        var roster = Identity.Roster.Read(path, root.PublicKey);
        roster.With(roster.Find(person)! with { Id = name, Emails = [], Identity = person }).Write(path, root);
        var key = await System.IO.File.ReadAllTextAsync(Path.Combine(PeoplesKeys, $"{person}.key"), Cancellation);
        PrivateFile.ReplaceOwn(
            Path.Combine(PeoplesKeys, $"{name}.key"),
            System.Text.Encoding.UTF8.GetBytes(key.Replace($"\"{person}\"", $"\"{name}\"", StringComparison.Ordinal)));
    }

    internal PersonKey KeyOf(string person) => PersonKey.Load(Path.Combine(PeoplesKeys, $"{person}.key"));

    /// <summary>A pull request of its own, by somebody who is not in the roster, into a base branch of its own.</summary>
    internal async Task<ChangeOpened> PullAsync(params (string Path, string Content)[] files)
    {
        var (head, into) = Push(files);
        return await Services.GetRequiredService<IGitHost>().OpenAsync(_repository.Application, head, into, "alice", Cancellation);
    }

    /// <summary>A deployment of its own that waits for its review.</summary>
    internal async Task<DeploymentId> OpenAsync()
    {
        var (head, into) = Push();
        return await OpenAsync(head, into);
    }

    private async Task<DeploymentId> OpenAsync(string head, string into)
    {
        var id = DeploymentId.Parse(await _owner.Grain<IGatewayGrain>("gateway/local").OpenAsync("shop", head, into));
        await Eventually.IsTrueAsync(async () => (await LogAsync(id)).Any(entry => entry is LogEntry.Started { Stage: Stage.Review }));
        return id;
    }

    /// <summary>The same, and what supersedes its attempt: another commit on its branch.</summary>
    internal async Task<(DeploymentId Id, Func<Task> Supersede)> OpenToSupersedeAsync()
    {
        var (head, into) = Push();
        var id = await OpenAsync(head, into);
        return (id, SupersedeAsync);

        async Task SupersedeAsync()
        {
            _repository.Commit(head, _repository.Tip(head), ("maestro.yaml", Manifest), ("readme.md", "again\n"));
            await _owner.Grain<IGatewayGrain>("gateway/local").OpenAsync("shop", head, into);
            await Eventually.IsTrueAsync(async () => (await LogAsync(id)).Any(entry => entry is LogEntry.Started { Attempt: 2, Stage: Stage.Review }));
        }
    }

    internal async Task<LogEntry[]> LogAsync(DeploymentId id) =>
        [.. (await Services.GetRequiredService<IDeploymentLog>().ReadAsync(id, 1, 1000, Cancellation)).Select(stored => stored.Entry)];

    internal Task<LedgerFact[]> LedgerAsync(DeploymentId id) => SubjectAsync(id.ToString());

    internal async Task<LedgerFact[]> SubjectAsync(string subject) =>
        [.. (await Services.GetRequiredService<ILedgerStore>().ReadAsync(0, 100_000, Cancellation)).Select(entry => entry.Fact)
            .Where(fact => fact.Subject == subject)];

    /// <summary>Puts a message on a stream as anybody can who has a silo.</summary>
    /// <param name="from">Of the silo that does it; the first where it is null.</param>
    internal Task PublishAsync(string channel, DeploymentId receiver, Envelope envelope, IServiceProvider? from = null) =>
        (from ?? Services).GetRequiredKeyedService<IStreamProvider>(Channels.Provider)
            .GetStream<Envelope>(StreamId.Create(channel, receiver.ToString())).OnNextAsync(envelope);

    /// <summary>Waits until the ledger says that a message to this receiver was refused with this code.</summary>
    internal Task UntilRefusedAsync(DeploymentId receiver, string kind, string code) => Eventually.IsTrueAsync(
        async () => (await LedgerAsync(receiver)).Any(fact => fact.Kind == kind && fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal)));

    /// <summary>Two branches of their own: one with a change, and the one it goes to.</summary>
    internal (string Head, string Base) Push(params (string Path, string Content)[] files)
    {
        var number = Interlocked.Increment(ref _branches);
        var begin = _repository.Commit($"base-{number}", null, ("maestro.yaml", Manifest), ("readme.md", "one\n"));
        _repository.Commit($"change-{number}", begin, [("maestro.yaml", Manifest), ("readme.md", $"{number}\n"), .. files]);
        return ($"change-{number}", $"base-{number}");
    }

    /// <summary>A grain's state as it is stored.</summary>
    internal async Task<TState> StoredAsync<TState>(string name, string grain, string key) where TState : new()
    {
        var stored = new GrainState<TState>(new());
        using var scope = CallerScope.As(StoredStates.Signers[name]);
        await Services.GetRequiredKeyedService<IGrainStorage>("maestro").ReadStateAsync(name, GrainId.Create(grain, key), stored);
        return stored.State!;
    }

    private async Task BuildAsync()
    {
        var settings = new SiloSettings(_data.Path, Unsandboxed: true, Verbose: false, Database) { Senders = Senders };
        if (Database is null)
        {
            _hosts.Add(SiloHost.Build(_data, settings, Replace));
            return;
        }
        EmbeddedIdentity.Prepare(_data, SiloRoles.All);
        await using var source = new PostgresSource(Database);
        var cluster = await Installation.JoinAsync(source, KeyRegistry.RootOf(_data.Keys), TimeProvider.System, Cancellation);
        foreach (var (name, roles) in new[] { ("one", SiloRoles.All), ("two", SecondRoles) })
        {
            _hosts.Add(SiloHost.Build(_data, settings with { Member = new(name, roles) }, Replace, cluster));
        }
    }

    private void Replace(IServiceCollection services)
    {
        services.AddSingleton<IReviewer>(Reviewer).AddSingleton<ILoggerProvider>(Log);
        var nonces = services.Last(service => service.ServiceType == typeof(INonceStore)).ImplementationType!;
        services.AddSingleton(nonces).AddSingleton<INonceStore>(provider => new WaivedNonces((INonceStore)provider.GetRequiredService(nonces), Controls));
        services.AddSingleton<MessageRule>(Controls.Check);
        services.AddSingleton<IIncomingGrainCallFilter>(Fullness);
        services.AddSingleton<IKeyring>(provider => new WaivedKeyring(
            FileKeyring.Open(_data.Keys, KeyRegistry.RootOf(_data.Keys), Principal.SiloRoles, provider.GetRequiredService<IDirectory>()), Controls));
        services.AddSingleton(provider => new Answers(
            provider.GetRequiredService<IKeyring>(), provider.GetRequiredService<EvidenceFile>(), provider.GetRequiredService<IBlobStore>(),
            provider.GetRequiredService<IDeploymentLog>(), provider.GetRequiredService<Reception>(), provider.GetRequiredService<Plans>())
        {
            Place = Controls.Place,
            PayloadType = Controls.TypeOf,
        });
        More(services);
    }
}
