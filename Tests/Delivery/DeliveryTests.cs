using Maestro.Deployments;
using Maestro.Storage.Postgres;

namespace Maestro.Delivery;

/// <summary>Whole deliveries through a real silo process.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task A_change_goes_to_production_and_is_merged()
    {
        await using var delivery = await TestDelivery.StartAsync();
        var id = await delivery.OpenAsync("one", ("settings.txt", "version=1\n"));
        var view = await delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        Assert.Equal("200 version 1", await TestDelivery.AskAsync(delivery.ProductionPort));
    }

    [Fact]
    public async Task A_change_goes_to_production_on_PostgreSQL_too()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var delivery = await TestDelivery.StartAsync(database: database.Text);
        var id = await delivery.OpenAsync("one", ("settings.txt", "version=1\n"));
        var view = await delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        Assert.Equal("200 version 1", await TestDelivery.AskAsync(delivery.ProductionPort));
        Assert.NotNull(await database.OpenLog().ReadHeadAsync(DeploymentId.Parse(id), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(delivery.Data, "maestro.db")));
    }
}
