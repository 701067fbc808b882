using Maestro.Delivery;
using Maestro.Deployments;
using Maestro.Storage.Postgres;

namespace Maestro.Cluster;

public sealed class AbsentRoleTests
{
    [Fact]
    public async Task A_deployment_whose_role_no_silo_has_waits_and_says_so_until_one_comes()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        const string Most = "control,gateway,review,infrastructure,deployment,custody";
        var members = new Dictionary<string, string> { ["one"] = Most };
        // Each silo with a login that may do what its roles need, and no more: so that is enough for a whole delivery.
        var logins = new Dictionary<string, string> { ["one"] = await database.LoginAsync(Most), ["two"] = await database.LoginAsync("build") };
        await using var delivery = await TestDelivery.StartAsync(database: database.Text, members: members, logins: logins);
        var id = await delivery.OpenAsync("first", ("settings.txt", "version=first\n"));

        var waiting = await delivery.UntilAnsweringAsync(id, view => view.Waits.Any(IsForRole));

        var wait = Assert.Single(waiting.Waits, IsForRole);
        Assert.EndsWith("build", wait.For, StringComparison.Ordinal);
        Assert.EndsWith("--roles build", wait.WayOut, StringComparison.Ordinal);

        members["two"] = "build";
        await delivery.StartSiloAsync();
        Assert.Equal(Outcome.Finished, (await delivery.DeliverAsync(id)).Outcome);
    }

    private static bool IsForRole(WaitView wait) => wait.For.StartsWith("a silo with the role", StringComparison.Ordinal);
}
