using Maestro.Cluster;
using Maestro.Dashboard;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Identity;
using Maestro.Outside.Processes;
using Maestro.Sessions;
using Maestro.Storage;
using Maestro.Storage.Postgres;
using Maestro.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>A silo with everything embedded, in one data folder: <c>maestro up</c>.</summary>
internal static class SiloHost
{
    /// <summary>Runs until it is told to stop. What it must refuse to start with ends in one sentence.</summary>
    /// <param name="ready">Called once the silo answers.</param>
    public static async Task<int> RunAsync(SiloSettings settings, Action<SiloFile> ready, TextWriter errors, CancellationToken cancellation)
    {
        try
        {
            using var data = settings.Member is null ? DataFolder.Open(settings.Data) : DataFolder.Join(settings.Data);
            using var name = settings.Member is { } member ? SiloName.Take(data, member.Name) : null;
            if (settings.Database is { } database)
            {
                await DatabaseWait.UntilReadyAsync(database, errors, TimeProvider.System, cancellation);
            }
            using var host = await PrepareAsync(data, settings, cancellation);
            await host.StartAsync(cancellation);
            ready(host.Services.GetRequiredService<SiloFile>());
            await host.WaitForShutdownAsync(cancellation);
            return 0;
        }
        catch (RefusedException refusal)
        {
            await errors.WriteLineAsync(refusal.Message);
            return 1;
        }
        catch (Outside.OutsideException broken)
        {
            await errors.WriteLineAsync(broken.Message);
            return 1;
        }
        catch (SqliteException failure)
        {
            await errors.WriteLineAsync(StorageFailure.Of(failure).Message);
            return 1;
        }
        catch (IOException failure)
        {
            await errors.WriteLineAsync(StorageFailure.Of(failure, settings.Data).Message);
            return 1;
        }
    }

    /// <summary>Ends what outlives a silo: the releases and the edge of this data folder. The silo itself must have ended.</summary>
    /// <exception cref="RefusedException">A silo still runs on the folder.</exception>
    public static async Task EndAsync(string path, CancellationToken cancellation)
    {
        using var data = DataFolder.Open(path);
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
        services.AddOutside(data, new SiloSettings(path));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<EdgeClient>().ShutDownAsync(cancellation);
        await provider.GetRequiredService<ProcessRuntime>().SweepAsync(_ => Task.FromResult(false), TimeSpan.FromSeconds(5), cancellation);
        await provider.GetRequiredService<ProcessRuntime>().UntilQuietAsync(TimeProvider.System, cancellation);
    }

    /// <summary>Whether builds can be confined on this machine.</summary>
    public static bool HasSandbox()
    {
        try
        {
            Sandbox.Require(unsandboxed: false, []);
            return true;
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    private static async Task<IHost> PrepareAsync(DataFolder data, SiloSettings settings, CancellationToken cancellation)
    {
        using var turn = await PreparationTurn.TakeAsync(data, TimeProvider.System, cancellation);
        if (settings.Database is not { } text)
        {
            EmbeddedIdentity.Prepare(data, settings.Roles);
            RootPin.Check(settings.Root, KeyRegistry.RootOf(data.Keys));
            return Build(data, settings, _ => { });
        }
        await using var source = new PostgresSource(text);
        var rights = await SiloLogin.CheckAsync(source, settings, cancellation);
        var store = new PostgresTrustStore(source);
        if (settings is { Ticket: { } ticket, Member: { } member })
        {
            await new SiloJoining(store, data.Keys, EmbeddedIdentity.RosterPath(data.Path), TimeProvider.System)
                .JoinAsync(ticket, member.Name, member.Roles, settings.Root, cancellation);
        }
        EmbeddedIdentity.Prepare(data, settings.Roles);
        var root = KeyRegistry.RootOf(data.Keys);
        RootPin.Check(settings.Root, root);
        var cluster = await Installation.JoinAsync(source, root, TimeProvider.System, cancellation);
        await InstallationIssuer.AgreeAsync(source, settings.SignIn, TimeProvider.System, cancellation);
        await SiloJoining.CatchUpAsync(store, new(data.Keys, EmbeddedIdentity.RosterPath(data.Path), root), cancellation);
        var host = Build(data, settings, _ => { }, cluster);
        SiloLogin.Warn(rights, host.Services.GetRequiredService<ILogger<LoginRights>>());
        return host;
    }

    /// <summary>The host, not started. <paramref name="replace"/> may put other parts in place of the embedded ones.</summary>
    /// <param name="cluster">The cluster's name, where its database knows one.</param>
    public static IHost Build(DataFolder data, SiloSettings settings, Action<IServiceCollection> replace, string? cluster = null)
    {
        var file = SiloFile.Claim(data, settings, cluster);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "maestro" });
        builder.AddLogs(data, settings);
        builder.Services.AddSingleton(data).AddSingleton(settings).AddSingleton(file).AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(data, settings);
        builder.Services.AddOutside(data, settings);
        builder.Services.AddDecisions();
        builder.Services.AddHostedServices(settings);
        builder.Services.AddWebhooks(settings);
        builder.Services.AddCluster(settings);
        builder.Services.AddSignIn(data, settings);
        builder.Services.AddTeams(settings.Teams);
        builder.Services.KeepClassesOf(settings.Roles);
        replace(builder.Services);
        builder.AddTelemetry(settings);
        builder.UseOrleans(silo =>
        {
            _ = settings.Member is { } member
                ? silo.JoinCluster(member, file)
                : silo.UseLocalhostClustering(file.SiloPort, file.GatewayPort, null, file.ServiceId, file.ClusterId);
            silo.AddEmbeddedPersistence();
            silo.AddWokenStreams();
            if (settings.HasCollector())
            {
                silo.AddActivityPropagation();
            }
            silo.AddOperatorDashboard(settings.Telemetry.DashboardPort, settings.SignIn.Issuer);
            silo.AddIdentity(EmbeddedIdentity.Prepare(data, settings.Roles));
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(20));
        return builder.Build();
    }
}
