using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Storage;

namespace Maestro.Hosting;

/// <summary>What is swept away must be forgotten by everybody.</summary>
public sealed class RememberedTests
{
    [Fact]
    public async Task A_deployment_that_waits_behind_many_newer_ones_is_still_open()
    {
        using var database = new Database();
        await using var log = new SqliteDeploymentLog(database.Source);
        var cancellation = TestContext.Current.CancellationToken;
        for (var number = 1; number <= 510; number++)
        {
            var append = Database.Append(Database.Deployment(number), 1, due: number == 1 ? Database.Noon.AddDays(1) : null);
            Assert.True(await log.AppendAsync(append with { Head = append.Head with { UpdatedAt = Database.Noon.AddMinutes(number) } }, cancellation));
        }
        var open = await Remembered.ReadOpenAsync(log, cancellation);
        Assert.Equal([Database.Deployment(1)], open);
        Assert.True(new Remembered(open, []).Keeps($"{Database.Deployment(1)}/a1/Promote"));
        Assert.False(new Remembered(open, []).Keeps($"{Database.Deployment(10)}/a1/Promote"));
    }

    [Fact]
    public void While_the_lock_is_held_every_release_that_may_be_gone_back_to_is_kept()
    {
        var view = new EnvironmentView("shop", "production", Of("r4"), [Of("r3"), Of("r2"), Of("r1")], Of("r5"), "somebody", 1, [], null, null, []);
        Assert.All(["r1", "r2", "r3", "r4", "r5"], name => Assert.True(new Remembered([], [view]).Keeps(name)));
        var free = new Remembered([], [view with { LockHolder = null }]);
        Assert.Equal(["r4", "r5"], new[] { "r1", "r2", "r3", "r4", "r5" }.Where(free.Keeps));
        Assert.Equal(5, free.Images.Count);
    }

    private static Release Of(string name) => new(
        name, name, "", 1, Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)), "", new([], "PORT", []), Database.Noon);
}
