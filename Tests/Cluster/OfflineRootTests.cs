using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Storage.Postgres;

namespace Maestro.Cluster;

/// <summary>Silos on machines of their own, as it were: nothing but a database and the tickets of a root that none of them has.</summary>
public sealed class OfflineRootTests : IDisposable
{
    private static readonly TimeSpan Everywhere = TimeSpan.FromSeconds(5);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-root-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Office => Path.Combine(_folder.FullName, "office");

    private Registrar Registrar => new(Office, TimeProvider.System);

    [Fact]
    public async Task Silos_join_by_ticket_only_and_a_revoked_key_is_revoked_everywhere_within_five_seconds()
    {
        var root = Registrar.Found();
        await using var database = await PostgresDatabase.OwnAsync();
        await using var control = Join(database, "control-1", "control,gateway", root);
        await control.AnswersAsync();
        await using var review = Join(database, "review-1", "review", root);
        await review.AnswersAsync();
        await using (var intruder = SiloRun.StartStrict(Data("intruder"), await database.LoginAsync("deployment"), "deployment"))
        {
            Assert.Contains("belongs to one installation", await intruder.RefusedAsync(), StringComparison.Ordinal);
        }
        // By its own root it is a stranger to the database; all that it lacks is the root that signed the others' tickets.
        Assert.Equal("database.foreign", await JoiningAsync(database, KeyRegistry.RootOf(Keys("intruder"))));
        Assert.Null(await JoiningAsync(database, root));
        Assert.Equal(["control", "desk", "gateway", "ledger"], PrivateKeys("control-1"));
        Assert.Equal(["review"], PrivateKeys("review-1"));
        await UntilToldAsync(database, "keys.joined", "review/");

        var key = Known("control-1", root).Of(Role.Review).Single();
        Registrar.Revoke(key.Id, DateTimeOffset.MinValue, Keys("control-1"));
        var began = TimeProvider.System.GetTimestamp();
        Publish(root);
        await Eventually.IsTrueAsync(() => Task.FromResult(IsRevoked("control-1", key, root) && IsRevoked("review-1", key, root)));
        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.True(took < Everywhere, $"It took {took}.");
        await UntilToldAsync(database, "keys.registry", $"review/{key.Id}");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private SiloRun Join(PostgresDatabase database, string name, string roles, string root)
    {
        var ticket = Path.Combine(_folder.FullName, $"{name}.join");
        Registrar.Invite(name, SiloRoles.Parse(roles), TimeSpan.FromMinutes(10), ticket, Path.Combine(Office, "roster.json"));
        return SiloRun.StartJoining(Data(name), database.Text, name, roles, ticket, RootPin.FingerprintOf(root));
    }

    private static async Task<string?> JoiningAsync(PostgresDatabase database, string root)
    {
        await using var source = new PostgresSource(await database.LoginAsync("deployment"));
        return (await Refused.ByAsync(() => Installation.JoinAsync(source, root, TimeProvider.System, Cancellation)))?.Reason.Code;
    }

    private void Publish(string root)
    {
        var (office, silo) = (new TrustFolder(Office, Path.Combine(Office, "roster.json"), root), Folder("control-1", root));
        foreach (var (kind, number, content) in office.Documents)
        {
            silo.Take(new(0, kind, number, [.. content]), null);
        }
    }

    private static Task UntilToldAsync(PostgresDatabase database, string kind, string what) => Eventually.IsTrueAsync(async () =>
        (await database.Ledger.ReadAsync(0, 1000, Cancellation)).Any(
            entry => entry.Fact.Kind == kind && entry.Fact.Body.Contains(what, StringComparison.Ordinal)));

    private bool IsRevoked(string silo, RegisteredKey key, string root) =>
        Known(silo, root).Keys.Single(known => known.PublicKey == key.PublicKey).RevokedSince is not null;

    private TrustedKeys Known(string silo, string root) => KeyFolder.Read(Keys(silo), root);

    private IEnumerable<string> PrivateKeys(string silo) =>
        Directory.GetFiles(Keys(silo), "*.key").Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    private TrustFolder Folder(string silo, string root) => new(Keys(silo), EmbeddedIdentity.RosterPath(Data(silo)), root);

    private string Keys(string silo) => Path.Combine(Data(silo), "keys");

    private string Data(string silo) => Path.Combine(_folder.FullName, silo);
}
