using Maestro.Client;
using Maestro.Connection;
using Maestro.Delivery;
using Maestro.Identity;
using Microsoft.Data.Sqlite;

namespace Maestro.Hosting;

/// <summary>One data folder: two silos want it, and somebody edits its ledger.</summary>
public sealed class LedgerDamageTests
{
    [Fact]
    public async Task A_second_silo_is_refused_and_an_edited_ledger_says_where()
    {
        await using var delivery = await TestDelivery.StartAsync();
        await using (var second = SiloRun.Start(delivery.Data))
        {
            Assert.Contains($"process {delivery.SiloProcess}", await second.RefusedAsync(), StringComparison.Ordinal);
        }
        var sound = await VerifyAsync(delivery);
        Assert.True(sound.ExitCode == ExitCode.Done, sound.Out + sound.Error);

        await delivery.KillAsync();
        Edit(Path.Combine(delivery.Data, "maestro.db"));
        await File.WriteAllTextAsync(Path.Combine(delivery.Data, "silo.json"), "{ cut off", TestContext.Current.CancellationToken);
        await delivery.StartSiloAsync();
        await delivery.ConnectAsync();
        var damaged = await VerifyAsync(delivery);
        Assert.Equal(ExitCode.Refused, damaged.ExitCode);
        Assert.Contains("Entry 0 of the ledger was changed", damaged.Out, StringComparison.Ordinal);
        BadInputSilo.IsForPeople(damaged);
    }

    private static Task<ConsoleRun> VerifyAsync(TestDelivery delivery)
    {
        var connector = new SiloConnector(TimeProvider.System, (builder, _) => builder.AddIdentity(delivery.Key("reviewer")));
        return ConsoleRun.OfAsync(connector, "audit", "verify", "--data", delivery.Data);
    }

    private static void Edit(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DROP TRIGGER ledger_no_update; UPDATE ledger SET actor = 'somebody else' WHERE idx = 0";
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
