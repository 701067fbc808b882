using System.Net;
using Maestro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Maestro.Storage.Postgres;

/// <summary>The table of silos, through real ones.</summary>
public sealed class PostgresMembershipTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_find_each_other_and_declare_dead_one_that_is_gone()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        using var first = await StartAsync(database);
        using var second = await StartAsync(database);
        var table = first.Services.GetRequiredService<IMembershipTable>();
        await UntilAsync(table, entries => entries.Count(entry => entry.Status == SiloStatus.Active) == 2);

        var gone = Entry();
        var before = (await table.ReadAllAsync(Cancellation)).Version;
        Assert.True(await table.InsertRowAsync(gone, before.Next(), Cancellation));
        Assert.False(await table.InsertRowAsync(Entry(), before.Next(), Cancellation));
        Assert.False(await table.InsertRowAsync(gone, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));
        await UntilAsync(table, entries => entries.Single(entry => entry.SiloAddress.Equals(gone.SiloAddress)).Status == SiloStatus.Dead);
        Assert.Equal(2, (await table.ReadAllAsync(Cancellation)).Members.Count(row => row.Item1.Status == SiloStatus.Active));
        await second.StopAsync(Cancellation);
        await first.StopAsync(Cancellation);
    }

    // Nobody listens at its port any more.
    private static MembershipEntry Entry() => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, Ports.Free()), 1),
        Status = SiloStatus.Active,
        SiloName = "gone",
        HostName = "localhost",
        StartTime = TimeProvider.System.GetUtcNow().UtcDateTime,
        IAmAliveTime = TimeProvider.System.GetUtcNow().UtcDateTime,
    };

    private static async Task<IHost> StartAsync(PostgresDatabase database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .ConfigureEndpoints(IPAddress.Loopback, Ports.Free(), Ports.Free())
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("test", "test"))
            .Configure<ClusterMembershipOptions>(options =>
            {
                (options.ProbeTimeout, options.TableRefreshTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
                (options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration) = (2, 1);
            })
            .UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (database.Invariant, database.Connections)));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    private static async Task UntilAsync(IMembershipTable table, Func<IEnumerable<MembershipEntry>, bool> so)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!so((await table.ReadAllAsync(Cancellation)).Members.Select(row => row.Item1)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, "The table did not come to that.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
    }
}
