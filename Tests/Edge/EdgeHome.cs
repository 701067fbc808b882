using System.Diagnostics;
using Maestro.Custody;
using Maestro.Hosting;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Edge;

/// <summary>A data folder for one edge, in the test or as a process, and a client of it. Nothing of it outlives the test.</summary>
internal sealed class EdgeHome : IAsyncDisposable
{
    public static readonly EnvironmentKey Production = new("shop", "production");

    private static readonly SelfCommand Nobody = new("/nonexistent/maestro", []);

    private readonly EdgeRules _rules;
    private readonly LeaseGate _gate;
    private EdgeServer? _server;

    private EdgeHome(EdgeRules rules, SelfCommand self, LeaseGate? gate = null)
    {
        (_rules, _gate) = (rules, gate ?? EdgeKeys.Gate(Custody.Keys, Custody.Root, TimeProvider.System));
        Client = new EdgeClient(Place.Path, Custody.Keys, self, TimeProvider.System)
        {
            AnswerWithin = TimeSpan.FromSeconds(30),
            StartWithin = TimeSpan.FromSeconds(60),
        };
    }

    public TestCustody Custody { get; } = new();

    public EdgeFolder Place { get; } = EdgeFolder.Of(Directory.CreateTempSubdirectory("edge-").FullName);

    public int Port { get; } = Ports.Free();

    public EdgeClient Client { get; }

    public HttpClient Users { get; } = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };

    public Uri Front => new($"http://127.0.0.1:{Port}/");

    public JournalLine[] Journal => [.. EdgeJournal.Read(Place.Journal)];

    public static async Task<EdgeHome> HostAsync(EdgeRules? rules = null, LeaseGate? gate = null)
    {
        var home = new EdgeHome(rules ?? new EdgeRules(), Nobody, gate);
        await home.StartAsync();
        return home;
    }

    /// <summary>The client starts a real edge process at its first call.</summary>
    public static EdgeHome OfProcess() => new(new EdgeRules(), SelfCommand.Current);

    public async Task StartAsync() => _server = await EdgeServer.StartAsync(
        Place, _rules, _gate, TimeProvider.System, NullLoggerFactory.Instance);

    public async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }

    /// <summary>What is served, without the time at which it was switched.</summary>
    public async Task<Route> ReadAsync() => await WholeAsync() with { SwitchedAt = null };

    public Task<Route> WholeAsync() => Client.ReadAsync(Production, TestContext.Current.CancellationToken);

    /// <summary>A switch with the lease that custody lends for it.</summary>
    public async Task<Route> SwitchAsync(long token, string? expected, string? target, Uri? address) =>
        await Client.SwitchAsync(
            Production, Port, token, expected, target, address, Lend(token, target), TestContext.Current.CancellationToken) with
        {
            SwitchedAt = null,
        };

    public Envelope Lend(long token, string? target, int? port = null) =>
        Custody.Lend(lease => lease with { Token = token, Target = target, Port = port ?? Port });

    public Task<int> InFlightAsync(string effect) => Client.InFlightAsync(Production, effect, TestContext.Current.CancellationToken);

    /// <summary>What a user gets at the environment's port.</summary>
    public async Task<string> VisitAsync(string path = "1")
    {
        using var response = await Users.GetAsync(new Uri(Front, path), TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await EndProcessAsync();
        Client.Dispose();
        Users.Dispose();
        Custody.Dispose();
        Directory.Delete(Place.Path, recursive: true);
    }

    private async Task EndProcessAsync()
    {
        var held = false;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        await Client.ShutDownAsync(patience.Token);
        do
        {
            try
            {
                using var free = EdgeFolder.Open(Place.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                held = false;
            }
            catch (IOException)
            {
                held = true;
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            }
        }
        while (held);
    }
}

internal static class Until
{
    /// <summary>Waits until the condition holds; fails, naming it, where it does not within a minute.</summary>
    public static async Task HoldsAsync(string condition, Func<Task<bool>> holds)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1), $"It never came to this: {condition}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task HoldsAsync(string condition, Func<bool> holds) => HoldsAsync(condition, () => Task.FromResult(holds()));
}
