using Maestro.Hosting;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Storage;

/// <summary>Grain state and reminders through a real silo, whichever database they are in.</summary>
public abstract class OrleansStorageContract : IAsyncLifetime
{
    private TestDatabase _database = null!;

    [Fact]
    public async Task State_and_reminders_are_there_after_a_restart()
    {
        string[] keys = ["env/a/1", "env/a/01", "pr/x/abc", "pr/x/0abc", "pr/x/ABC", "desk/12"];
        using (var silo = await StartAsync())
        {
            var grains = silo.Services.GetRequiredService<IGrainFactory>();
            foreach (var key in keys)
            {
                await grains.GetGrain<INoteGrain>(key).WriteAsync($"first {key}");
                await grains.GetGrain<INoteGrain>(key).WriteAsync($"note of {key}");
            }
            await grains.GetGrain<INoteGrain>(keys[0]).RemindAsync("keepalive");
            await silo.StopAsync(TestContext.Current.CancellationToken);
        }
        using (var silo = await StartAsync())
        {
            var grains = silo.Services.GetRequiredService<IGrainFactory>();
            foreach (var key in keys)
            {
                Assert.Equal($"note of {key}", await grains.GetGrain<INoteGrain>(key).ReadAsync());
            }
            Assert.Equal("", await grains.GetGrain<INoteGrain>("env/a/2").ReadAsync());
            Assert.Equal(["keepalive"], await grains.GetGrain<INoteGrain>(keys[0]).RemindersAsync());
            Assert.Empty(await grains.GetGrain<INoteGrain>(keys[1]).RemindersAsync());

            await grains.GetGrain<INoteGrain>(keys[0]).ForgetAsync("keepalive");
            Assert.Empty(await grains.GetGrain<INoteGrain>(keys[0]).RemindersAsync());
            await grains.GetGrain<INoteGrain>(keys[0]).ClearAsync();
            Assert.Equal("", await grains.GetGrain<INoteGrain>(keys[0]).ReadAsync());
            await grains.GetGrain<INoteGrain>(keys[0]).WriteAsync("again");
            Assert.Equal("again", await grains.GetGrain<INoteGrain>(keys[0]).ReadAsync());
            await silo.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_write_on_an_old_version_is_refused_and_the_next_one_goes_on()
    {
        using var silo = await StartAsync();
        var note = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<INoteGrain>("env/a/1");
        await note.WriteAsync("one");
        _database.Tamper("UPDATE OrleansStorage SET Version = Version + 1");
        await Assert.ThrowsAsync<Orleans.Storage.InconsistentStateException>(() => note.WriteAsync("two"));
        Assert.Equal("one", await note.ReadAsync());
        await note.WriteAsync("three");
        Assert.Equal("three", await note.ReadAsync());
        await silo.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Another process would not know a driver's exceptions, and a stage would take one for a defect of its own.</summary>
    [Fact]
    public async Task A_write_that_the_database_does_not_take_leaves_the_grain_as_a_reason()
    {
        using var silo = await StartAsync();
        var note = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<INoteGrain>("env/a/1");
        await note.WriteAsync("one");
        _database.Tamper("ALTER TABLE OrleansStorage RENAME TO gone");
        var failure = await Assert.ThrowsAsync<OutsideException>(() => note.WriteAsync("two"));
        Assert.StartsWith("storage.", failure.Reason.Code);
    }

    public async ValueTask InitializeAsync() => _database = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();

    private async Task<IHost> StartAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .AddIncomingGrainCallFilter<DatabaseFaults>()
            .UseLocalhostClustering(Ports.Free(), Ports.Free())
            .AddAdoNetGrainStorage(
                "notes", options => (options.Invariant, options.DataSource) = (_database.Invariant, _database.Connections))
            .UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = (_database.Invariant, _database.Connections)));
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
