using Maestro.Agents;
using Maestro.Agents.Review;
using Maestro.Anomalies;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Cluster;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Edge;
using Maestro.Identity;
using Maestro.Inbox;
using Maestro.Manifests;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Outside.Analysis;
using Maestro.Outside.Git;
using Maestro.Outside.HealthChecks;
using Maestro.Outside.Infrastructure;
using Maestro.Outside.Names;
using Maestro.Outside.Notifications;
using Maestro.Outside.Processes;
using Maestro.Policies;
using Maestro.Rows;
using Maestro.Storage;
using Maestro.Storage.Postgres;
using Maestro.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Providers;
using Orleans.Streams;

namespace Maestro.Hosting;

/// <summary>What a silo is made of, one method a part.</summary>
internal static class Registrations
{
    public static void AddStorage(this IServiceCollection services, DataFolder data, SiloSettings settings)
    {
        if (settings.Database is { } database)
        {
            services.AddPostgres(data, database);
        }
        else
        {
            services.AddSqlite(data);
        }
        services.AddSingleton<IBlobStore>(_ => new FileBlobStore(data));
        services.AddSingleton<ISecretStore>(FileSecretStore.Of(data));
        services.AddSingleton<ICheckpointCopy>(new CheckpointFolder(settings.Checkpoints ?? data.Checkpoints));
        services.AddSingleton<IWitnessMemory>(new WitnessFolder(data.Witness));
        var (witnesses, required) = settings.Witnesses;
        services.AddSingleton(new OutsideKeys([.. witnesses.Select(witness => witness.Key)], required, (key, text, signature) =>
            KeyFile.Verify(Convert.ToBase64String([.. key.PublicKey]), text, signature)));
        foreach (var witness in witnesses)
        {
            services.AddSingleton<IOutsideWitness>(provider => new HttpWitness(witness.Key, witness.Address, provider.GetRequiredService<TimeProvider>()));
        }
    }

    public static void AddOutside(this IServiceCollection services, DataFolder data, SiloSettings settings)
    {
        services.AddSingleton<IManifestReader, YamlManifestReader>();
        services.AddSingleton<IGitHost, LocalGitHost>();
        services.AddSingleton<LocalRepositories>();
        services.AddSingleton<IStaticAnalysis, RoslynAnalysis>();
        services.AddSingleton(provider => new OfflineReviewer(
            StandardDetectors.All, [.. provider.GetServices<IStaticAnalysis>()], provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IReviewer>(provider => provider.GetRequiredService<OfflineReviewer>());
        services.AddSingleton(provider => new LeaseGate(provider.GetRequiredService<IKeyring>, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IRegisteredPorts, ApplicationPorts>();
        services.AddSingleton(new LocalInfrastructureOptions(data.Worlds));
        services.AddSingleton<IInfrastructure, LocalInfrastructure>();
        services.AddSingleton<IPolicySource>(new PolicyFolder(Directory.Exists(PolicyPath(data)) ? PolicyPath(data) : null));
        services.AddSingleton(PolicyLimits.Default);
        services.AddSingleton<IPolicyEngine, JintPolicyEngine>();
        services.AddSingleton<IHealthProbe>(provider => new HttpHealthProbe(new(TimeSpan.FromSeconds(2)), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<INames>(provider => new HostsNames(Path.Combine(data.Path, "hosts"), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<INotifier>(provider => new ConsoleNotifier(
            Path.Combine(data.Path, "notifications.jsonl"), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ConsoleNotifier>>()));
        services.AddSingleton(provider => new EdgeClient(data.Edge, data.Keys, SelfCommand.Current, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IEdge>(provider => provider.GetRequiredService<EdgeClient>());
        services.AddProcesses(data, settings);
    }

    public static void AddDecisions(this IServiceCollection services)
    {
        foreach (var stage in Plan.Versions.SelectMany(plan => plan.Rows).Select(row => row.Call.StageType).Distinct())
        {
            services.AddSingleton(stage);
        }
        services.AddSingleton<ManifestSource>().AddSingleton<Planning>().AddSingleton<Provisioning>().AddSingleton<Rollout>().AddSingleton<Releasing>();
        services.AddSingleton<ApprovalCheck>().AddSingleton<Countersigning>().AddSingleton<GlassCheck>().AddSingleton<EvidenceFile>().AddSingleton<Post>();
        services.AddCustody();
        services.AddSingleton(Plans.Shipped);
        services.AddSingleton<OrdersSource>().AddSingleton<Answers>().AddSingleton<Audit.Refusals>().AddSingleton<DeploymentViews>();
        services.AddSingleton<MessageRule>(MessageCheck.Check).AddSingleton<SenderWatch>().AddSingleton<Reception>();
        services.AddSingleton<Locks>().AddSingleton<Changes>().AddSingleton<Deployments.Calls>().AddSingleton<WakeSignal>();
        services.AddSingleton<Deaths>();
        services.AddSingleton(provider => new Departure(provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
        services.AddSingleton<CheckpointKeys>().AddSingleton<LedgerCheck>().AddSingleton<LedgerDocuments>().AddSingleton<Witness>()
            .AddSingleton<OutsideWitnesses>();
    }

    private static void AddCustody(this IServiceCollection services)
    {
        services.AddSingleton<LastCheck>().AddSingleton<ApprovalsCheck>().AddSingleton<StatementReader>().AddSingleton<LogRecord>();
        services.AddSingleton<EvidenceReader>();
        services.AddSingleton<FactReader>().AddSingleton<Verification>().AddSingleton<Attestations>().AddSingleton<RepeatedChecks>().AddSingleton<Custodian>();
    }

    public static void AddHostedServices(this IServiceCollection services, SiloSettings settings)
    {
        services.AddHostedService<Heart>();
        services.AddHostedService<TrustRounds>();
        if (settings.Roles.Contains(Role.Control))
        {
            services.AddHostedService<DeathWatch>();
            services.AddHostedService<Waker>();
            services.AddHostedService<CheckpointRounds>();
            services.AddHostedService<NonceRounds>();
            if (!settings.Witnesses.Witnesses.IsEmpty)
            {
                services.AddHostedService<OutsideRounds>();
            }
        }
        if (settings.Roles.Contains(Role.Gateway))
        {
            services.AddHostedService<PushWatch>();
            services.AddSingleton<InboxBell>().AddSingleton<HandOver>();
            services.AddHostedService<InboxDrain>();
        }
        if (settings.Roles.Contains(Role.Deployment))
        {
            services.AddHostedService<LiveReleases>();
            services.AddHostedService<Sweeper>();
        }
        services.AddHostedService<WitnessRounds>();
        services.AddHostedService<SenderRounds>();
        services.AddSingleton<LoggedDenials>().AddSingleton<LedgerDenials>();
        services.AddSingleton<IDenials>(provider => provider.GetRequiredService<LedgerDenials>());
        services.AddHostedService(provider => provider.GetRequiredService<LedgerDenials>());
    }

    /// <exception cref="RefusedException">The secret cannot be read, or webhooks are not this silo's to take in.</exception>
    public static void AddWebhooks(this IServiceCollection services, SiloSettings settings)
    {
        if (settings.Webhooks is not { } webhooks)
        {
            return;
        }
        if (!settings.Roles.Contains(Role.Gateway))
        {
            throw new RefusedException(new Reason("webhook.role", "Webhooks come in at a gateway.", "a silo with the role gateway",
                "--webhook-port for a silo without it", "Add the role, or leave the option out."));
        }
        services.AddSingleton(webhooks).AddSingleton(WebhookSecrets.Read(webhooks));
        services.AddSingleton<SignatureRule>(WebhookSignature.Fits).AddSingleton<ForgedWebhooks>();
        services.AddHostedService<WebhookEndpoint>();
    }

    public static void AddCluster(this IServiceCollection services, SiloSettings settings)
    {
        services.AddSingleton<Presence>().AddSingleton<IPresence>(provider => provider.GetRequiredService<Presence>());
        services.AddSingleton<IOrigins, SiloOrigins>().AddSingleton(settings.Senders);
        services.AddSingleton<IReadiness, DatabaseReadiness>();
        if (settings.HealthPort > 0)
        {
            services.AddSingleton(new HealthSettings(settings.HealthPort));
            services.AddHostedService<HealthEndpoint>();
        }
        if (settings.Member is not null)
        {
            services.AddSingleton<IDuties, PostgresDuties>();
        }
        else
        {
            services.AddSingleton<IDuties, OnlySilo>();
        }
    }

    public static void AddEmbeddedPersistence(this ISiloBuilder silo)
    {
        silo.AddIncomingGrainCallFilter<DatabaseFaults>();
        silo.Services.AddDriverExceptions();
        silo.AddRows();
        silo.UseAdoNetReminderService(options => options.Configure<OrleansDatabase>((reminders, database) =>
            (reminders.Invariant, reminders.DataSource) = (database.Invariant, database.Source)));
    }

    public static void AddWokenStreams(this ISiloBuilder silo) => silo.AddPersistentStreams(
        Channels.Provider,
        (services, name) => new WokenQueues(name, services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<ILoggerFactory>()),
        streams =>
        {
            streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
            streams.ConfigureBackoffProvider((_, _) => (IMessageDeliveryBackoffProvider)new ShortPauses());
            streams.ConfigureBackoffProvider((_, _) => (IQueueReaderBackoffProvider)new ShortPauses());
            // What cannot be delivered is asked for again, and holds up everything else in its stream for as long as it is tried.
            streams.ConfigurePullingAgent(agent => agent.Configure(options => (options.GetQueueMsgsTimerPeriod, options.MaxEventDeliveryTime) =
                (TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(5))));
        });

    private static void AddSqlite(this IServiceCollection services, DataFolder data)
    {
        services.AddSingleton(provider =>
        {
            var source = new SqliteSource(data.Database);
            new Schema(provider.GetRequiredService<TimeProvider>()).Apply(source);
            return source;
        });
        services.AddSingleton<IDeploymentLog, SqliteDeploymentLog>();
        services.AddSingleton<ILedgerStore>(provider => SqliteLedgerStore.Of(data, provider.GetRequiredService<SqliteSource>()));
        services.AddSingleton<ITileStore, SqliteTileStore>().AddSingleton<ICheckpointStore, SqliteCheckpointStore>();
        services.AddSingleton<ITrustStore, SqliteTrustStore>();
        services.AddSingleton<IOutages, SqliteOutages>();
        services.AddSingleton<IInbox, SqliteInbox>().AddSingleton<INonceStore, SqliteNonceStore>();
        services.AddSingleton(provider => new OrleansDatabase(SqliteSource.Invariant, provider.GetRequiredService<SqliteSource>()));
    }

    private static void AddPostgres(this IServiceCollection services, DataFolder data, string database)
    {
        services.AddSingleton(_ => new PostgresSource(database));
        services.AddSingleton<IDeploymentLog, PostgresDeploymentLog>();
        services.AddSingleton<ILedgerStore>(provider => PostgresLedgerStore.Of(data, provider.GetRequiredService<PostgresSource>()));
        services.AddSingleton<ITileStore, PostgresTileStore>().AddSingleton<ICheckpointStore, PostgresCheckpointStore>();
        services.AddSingleton<ITrustStore, PostgresTrustStore>();
        services.AddSingleton<IOutages, PostgresOutages>();
        services.AddSingleton<IInbox, PostgresInbox>().AddSingleton<INonceStore, PostgresNonceStore>();
        services.AddSingleton(provider => new OrleansDatabase(PostgresSource.Invariant, provider.GetRequiredService<PostgresSource>().DataSource));
    }

    private static void AddProcesses(this IServiceCollection services, DataFolder data, SiloSettings settings)
    {
        services.AddSingleton(provider => new ProcessWorkshop(
            new(data.Work, settings.Unsandboxed, data.Path), provider.GetRequiredService<IGitHost>(),
            RunnerIn(provider, settings, Path.Combine(data.Work, "work")),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IWorkshop>(provider => provider.GetRequiredService<ProcessWorkshop>());
        services.AddSingleton(provider => new ProcessRuntime(
            new(data.Work, data.Work, settings.Unsandboxed, data.Path) { Infrastructure = environment => WorldOf(data, environment) },
            RunnerIn(provider, settings, Path.Combine(data.Work, "instances"))));
        services.AddSingleton<IRuntime>(provider => provider.GetRequiredService<ProcessRuntime>());
    }

    private static ProcessRunner RunnerIn(IServiceProvider provider, SiloSettings settings, string folder) => new(
        folder, SelfCommand.Current, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ProcessRunner>>(),
        isShared: settings.Member is not null);

    private static string? WorldOf(DataFolder data, EnvironmentKey environment)
    {
        var folder = Path.Combine(data.Worlds, environment.Application, environment.Environment);
        return Directory.Exists(folder) ? folder : null;
    }

    private static string PolicyPath(DataFolder data) => Path.Combine(data.Path, "policies");
}
