using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Storage;

/// <summary>Grain state and reminders on <see cref="SqliteSource"/>, through a real silo.</summary>
public sealed class OrleansStorageTests : IDisposable
{
    private readonly Database _database = new();

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

    public void Dispose() => _database.Dispose();

    private async Task<IHost> StartAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort(), FreePort())
            .AddAdoNetGrainStorage(
                "sqlite", options => (options.Invariant, options.DataSource) = (SqliteSource.Invariant, _database.Source))
            .UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = (SqliteSource.Invariant, _database.Source)));
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

[Alias("maestro.tests.INoteGrain")]
public interface INoteGrain : IGrainWithStringKey
{
    [Alias("WriteAsync")]
    Task WriteAsync(string text);

    [Alias("ReadAsync")]
    Task<string> ReadAsync();

    [Alias("ClearAsync")]
    Task ClearAsync();

    [Alias("RemindAsync")]
    Task RemindAsync(string name);

    [Alias("ForgetAsync")]
    Task ForgetAsync(string name);

    [Alias("RemindersAsync")]
    Task<IReadOnlyList<string>> RemindersAsync();
}

[GenerateSerializer, Alias("maestro.tests.note")]
public sealed class Note
{
    [Id(0)] public string Text { get; set; } = "";
}

internal sealed class NoteGrain([PersistentState("note", "sqlite")] IPersistentState<Note> note) : Grain, INoteGrain, IRemindable
{
    public Task WriteAsync(string text)
    {
        note.State.Text = text;
        return note.WriteStateAsync();
    }

    public Task<string> ReadAsync() => Task.FromResult(note.State.Text);

    public Task ClearAsync() => note.ClearStateAsync();

    public async Task RemindAsync(string name) => await this.RegisterOrUpdateReminder(name, TimeSpan.FromHours(1), TimeSpan.FromHours(1));

    public async Task ForgetAsync(string name)
    {
        if (await this.GetReminder(name) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    public async Task<IReadOnlyList<string>> RemindersAsync() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName)];

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
