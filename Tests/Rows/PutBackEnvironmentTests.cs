using Maestro.Audit;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Storage;
using Microsoft.Data.Sqlite;

namespace Maestro.Rows;

/// <summary>A real silo that starts again on a database in which somebody put an environment's row back.</summary>
public sealed class PutBackEnvironmentTests
{
    private const string Production = "env/shop/production";

    [Fact]
    public async Task An_old_token_is_not_given_out_again_and_a_person_can_let_the_row_count()
    {
        await using var silo = new MessageSilo();
        await silo.InitializeAsync();
        Assert.Equal(1, (await AcquireAsync(silo, "a")).Token);
        Tamper(silo, "CREATE TABLE kept AS SELECT * FROM OrleansStorage WHERE GrainTypeString = 'environment'");
        using (CallerScope.As(Role.Deployment))
        {
            await silo.Grains.GetGrain<IEnvironmentGrain>(Production).ReleaseAsync("a");
        }
        Assert.Equal(2, (await AcquireAsync(silo, "b")).Token);
        Tamper(silo, "UPDATE OrleansStorage SET PayloadBinary = (SELECT PayloadBinary FROM kept) WHERE GrainTypeString = 'environment'");
        await silo.RestartAsync();

        var refusal = await Refused.ByAsync(() => silo.Owner.Grain<IEnvironmentGrain>(Production).GetAsync());
        Assert.Equal("row.old", refusal?.Reason.Code);
        Assert.Equal("row.old", (await Refused.ByAsync(() => AcquireAsync(silo, "c")))?.Reason.Code);
        Assert.Contains(await silo.SubjectAsync(Production), fact => fact.Kind == "row.refused");

        var way = refusal!.Reason.WayOut.Split(' ');
        await silo.Owner.Grain<ILedgerGrain>("ledger/main").AcceptRowAsync($"row/control/environment/{Production}", way[^1], "seen");
        Assert.Equal("a", (await silo.Owner.Grain<IEnvironmentGrain>(Production).GetAsync()).LockHolder);
        Assert.Contains(await silo.SubjectAsync(Production), fact => fact.Kind == "row.accepted" && fact.Actor == "owner");
    }

    private static void Tamper(MessageSilo silo, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={silo.File};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }

    private static async Task<LockGrant> AcquireAsync(MessageSilo silo, string holder)
    {
        using var scope = CallerScope.As(Role.Deployment);
        return await silo.Grains.GetGrain<IEnvironmentGrain>(Production).AcquireAsync(holder);
    }
}
