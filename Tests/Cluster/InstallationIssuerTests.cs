using Maestro.Hosting;
using Maestro.Sessions;
using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Cluster;

/// <summary>No silo of a cluster asks for less than the others when people sign in with an outside issuer.</summary>
public sealed class InstallationIssuerTests : IAsyncLifetime
{
    private static readonly SignInSettings Outside = new(0, SessionTokenTests.Settings("https://id.example.org"));
    private static readonly SignInSettings Another = new(0, SessionTokenTests.Settings("https://id.example.com"));
    private PostgresDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_silo_says_which_issuer_it_is_and_one_with_another_or_none_does_not_start()
    {
        await AgreeAsync(Outside);
        await AgreeAsync(Outside with { ApiPort = 8090 });
        await Expect.RefusedAsync("sign-in.issuer", () => AgreeAsync(SignInSettings.None));
        await Expect.RefusedAsync("sign-in.issuer", () => AgreeAsync(Another));
        await Expect.RefusedAsync("sign-in.issuer", () => AgreeAsync(Outside with { Issuer = Outside.Issuer! with { Audience = "everybody" } }));
    }

    [Fact]
    public async Task Without_the_record_a_silo_that_trusts_no_issuer_would_start_beside_one_that_does()
    {
        await AgreeAsync(Outside);
        _database.Tamper("ALTER TABLE sign_in DISABLE TRIGGER ALL; DELETE FROM sign_in");
        await AgreeAsync(SignInSettings.None);
    }

    [Fact]
    public async Task A_cluster_without_an_issuer_gets_one_only_where_that_is_said()
    {
        await AgreeAsync(SignInSettings.None);
        await Expect.RefusedAsync("sign-in.issuer", () => AgreeAsync(Outside));
        await AgreeAsync(Outside with { ReplacesIssuer = true });
        await AgreeAsync(Outside);
        await Expect.RefusedAsync("sign-in.issuer", () => AgreeAsync(SignInSettings.None));
        await AgreeAsync(SignInSettings.None with { ReplacesIssuer = true });
        await AgreeAsync(SignInSettings.None);
    }

    [Fact]
    public async Task A_silo_without_the_role_control_waits_until_it_is_said_and_replaces_nothing()
    {
        await using var review = new PostgresSource(await _database.LoginAsync("review"));
        var waits = InstallationIssuer.AgreeAsync(review, Outside, TimeProvider.System, Cancellation);
        await using (var control = new PostgresSource(await _database.LoginAsync("control")))
        {
            Assert.False(waits.IsCompleted);
            await InstallationIssuer.AgreeAsync(control, Outside, TimeProvider.System, Cancellation);
        }
        await waits;
        await Expect.RefusedAsync("sign-in.login", () =>
            InstallationIssuer.AgreeAsync(review, Another with { ReplacesIssuer = true }, TimeProvider.System, Cancellation));
    }

    [Fact]
    public async Task A_silo_that_is_started_without_the_others_issuer_ends_and_says_how_to_go_on()
    {
        await AgreeAsync(Outside);
        var folder = Directory.CreateTempSubdirectory("maestro-issuer-");
        await using (var silo = SiloRun.StartMember(folder.FullName, _database.Text))
        {
            var said = await silo.RefusedAsync();
            Assert.Contains("--oidc-issuer https://id.example.org", said, StringComparison.Ordinal);
            Assert.Contains("--replace-issuer", said, StringComparison.Ordinal);
        }
        folder.Delete(recursive: true);
    }

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.OwnAsync();
        await new PostgresSchema(TimeProvider.System).ApplyAsync(_database.Source, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private Task AgreeAsync(SignInSettings signIn) => InstallationIssuer.AgreeAsync(_database.Source, signIn, TimeProvider.System, Cancellation);
}
