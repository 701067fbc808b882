using Maestro.Applications;
using Maestro.Audit;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace Maestro.Environments;

/// <summary>Grains whose storage or ledger fails in between: memory never says what is not stored, and no fact is lost.</summary>
public sealed class GrainsOverFailuresTests : IAsyncLifetime
{
    private static readonly Application Shop = new(
        "shop", "local", "acme", "/srv/shop.git", "core", "local", new("staging", 5001, 1), new("production", 5002, 1));

    private readonly Database _database = new();
    private FailingStorage _storage = null!;
    private FailingLedger _ledger = null!;
    private TestCluster _cluster = null!;

    private IGrainFactory Grains => _cluster.Silo.GetRequiredService<IGrainFactory>();

    private IEnvironmentGrain Production => Grains.GetGrain<IEnvironmentGrain>("env/shop/production");

    public async ValueTask InitializeAsync()
    {
        _ledger = new(_database.Ledger);
        _cluster = await TestCluster.StartAsync(configure: silo =>
        {
            silo.AddMemoryGrainStorage("inner");
            silo.Services.AddKeyedSingleton<IGrainStorage>("maestro", (services, _) =>
                _storage = new(services.GetRequiredKeyedService<IGrainStorage>("inner")));
            silo.Services.AddLedger(_database, _ledger);
        });
        await _cluster.EnrolAsync("ada", Role.Admin, Role.Viewer, Role.Sre);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task An_application_that_could_not_be_stored_is_not_known()
    {
        var applications = (await _cluster.ConnectAsync("ada")).GetGrain<IApplicationsGrain>("applications/all");
        Assert.Empty((await applications.ListAsync()).Applications);
        _storage.WritesFail = true;
        await Assert.ThrowsAnyAsync<Exception>(() => applications.AddAsync(Shop));
        Assert.Null(await applications.FindAsync("shop"));
        _storage.ReadsFail = true;
        await Assert.ThrowsAnyAsync<Exception>(() => applications.AddAsync(Shop));
        Assert.Null(await applications.FindAsync("shop"));
        (_storage.WritesFail, _storage.ReadsFail) = (false, false);
        Assert.Empty((await applications.ListAsync()).Applications);
        Assert.Empty(await FactsAsync("application.registered"));
        await applications.AddAsync(Shop);
        Assert.Equal("shop", (await applications.FindAsync("shop"))?.Name);
        Assert.Single(await FactsAsync("application.registered"));
    }

    [Fact]
    public async Task An_environment_shows_only_what_is_stored()
    {
        using var scope = CallerScope.As(Role.Deployment);
        Assert.Null((await Production.GetAsync()).LockHolder);
        _storage.WritesFail = true;
        await Assert.ThrowsAnyAsync<Exception>(() => Production.AcquireAsync("a"));
        Assert.Null((await Production.GetAsync()).LockHolder);
        _storage.WritesFail = false;
        Assert.Equal(new LockGrant(true, 1, 0, "b"), await Production.AcquireAsync("b"));
    }

    [Fact]
    public async Task What_the_ledger_could_not_be_told_is_told_later_and_once()
    {
        await MakeLiveAsync("e1");
        using (CallerScope.As(Role.Deployment))
        {
            _ledger.Fails = true;
            // It is stored and counts, so the caller is told of no failure; but without the ledger nothing else changes.
            await Production.RestoreAsync(1, "e1", null, served: true, "it was ill");
            Assert.Null((await Production.GetAsync()).Live);
            await Assert.ThrowsAnyAsync<Exception>(() => Production.AcquireAsync("b"));
            Assert.Equal("a", (await Production.GetAsync()).LockHolder);
            _ledger.Fails = false;
        }
        await WaitForAsync("environment.restored");
        var operators = (await _cluster.ConnectAsync("ada")).GetGrain<IEnvironmentGrain>("env/shop/production");
        _ledger.Fails = true;
        await operators.ReleaseHoldAsync("mended");
        _ledger.Fails = false;
        await WaitForAsync("environment.hold-released");
        var released = Assert.Single(await FactsAsync("environment.hold-released"));
        Assert.Equal(("role:control", "ada"), (released.Actor, released.OnBehalfOf));
        Assert.Single(await FactsAsync("environment.restored"));
    }

    [Fact]
    public async Task A_ledger_that_hangs_holds_up_no_reading()
    {
        var applications = (await _cluster.ConnectAsync("ada")).GetGrain<IApplicationsGrain>("applications/all");
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ledger.Hangs = hanging.Task;
        try
        {
            var adding = applications.AddAsync(Shop);
            await Eventually.IsTrueAsync(async () => await applications.FindAsync("shop") is not null);
            Assert.False(adding.IsCompleted);
            await adding;
            Assert.Empty(await FactsAsync("application.registered"));
        }
        finally
        {
            hanging.SetResult();
        }
        await WaitForAsync("application.registered");
        Assert.Single(await FactsAsync("application.registered"));
    }

    [Fact]
    public async Task A_refused_call_that_the_ledger_does_not_take_is_counted_and_ends_nothing()
    {
        using var denials = new LedgerDenials(
            Grains, new(NullLogger<LoggedDenials>.Instance), new(Grains, TimeProvider.System, NullLogger<Refusals>.Instance),
            new(Role.Control), TimeProvider.System, NullLogger<LedgerDenials>.Instance);
        await denials.StartAsync(TestContext.Current.CancellationToken);
        var denial = new Denial(Database.Noon, "call.refused", "maestro.ICatalogueGrain/ListAsync", "catalogue/all", "a test", "no token");
        _ledger.Fails = true;
        denials.Note(denial);
        await Eventually.IsTrueAsync(() => Task.FromResult(_ledger.Failures > 0));
        _ledger.Fails = false;
        await Eventually.IsTrueAsync(async () =>
        {
            denials.Note(denial);
            return (await FactsAsync("call.refused")).Exists(fact => !fact.Body.Contains("\"lost\":0", StringComparison.Ordinal));
        });
        await denials.StopAsync(TestContext.Current.CancellationToken);
    }

    private async Task MakeLiveAsync(string effect)
    {
        using var scope = CallerScope.As(Role.Deployment);
        Assert.True((await Production.AcquireAsync("a")).Granted);
        await Production.BeginAsync(1, new("", effect, "pr/local/acme/shop/1", 1, Database.Evidence, "", new([], "PORT", []), Database.Noon));
        await Production.CompleteAsync(1, effect);
        Assert.Single(await FactsAsync("environment.live"));
    }

    private async Task WaitForAsync(string kind)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while ((await FactsAsync(kind)).Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }

    private async Task<List<LedgerFact>> FactsAsync(string kind) =>
        [.. (await _database.Ledger.ReadAsync(0, 1000, TestContext.Current.CancellationToken)).Select(entry => entry.Fact).Where(fact => fact.Kind == kind)];
}
