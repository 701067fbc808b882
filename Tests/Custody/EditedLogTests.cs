using System.Text;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Data.Sqlite;

namespace Maestro.Custody;

/// <summary>
/// Somebody who owns the database edits the log of an attempt that gets no credential, so that it seems to be one that does. Each time custody finds the
/// difference to what the ledger was told, and lends where it does not compare.
/// </summary>
public sealed class EditedLogTests(CustodySilo custody) : IClassFixture<CustodySilo>
{
    private const string Changed = "UPDATE deployment_log SET body = ";

    [Theory]
    [InlineData("log.changed", Changed + "(SELECT body FROM deployment_log WHERE deployment = $deployment AND number = $number - 1)")]
    [InlineData("log.changed", Changed + "CAST(replace(CAST(body AS TEXT), '\"attempt\":1', '\"attempt\":9') AS BLOB)")]
    [InlineData("log.gone", "DELETE FROM deployment_log")]
    public async Task That_an_attempt_goes_back_is_not_taken_out_of_its_log(string code, string edit)
    {
        Assert.Equal("custody.stage", await custody.AskAsync(await CancelledAsync()));

        var made = await CancelledAsync();
        await EditAsync(made, edit);
        Assert.Equal(code, await custody.AskAsync(made));
        Assert.Equal([$"custody.refused {code}"], await custody.ToldAsync(made.Deployment));

        var again = await CancelledAsync();
        await EditAsync(again, edit);
        await LendsAsync(again);
    }

    [Fact]
    public async Task That_a_stage_began_is_not_put_into_its_log()
    {
        Assert.Equal("custody.stage", await custody.AskAsync(await UnbegunAsync()));

        var made = await UnbegunAsync();
        await BeginAsync(made);
        Assert.Equal("log.unknown", await custody.AskAsync(made));
        Assert.Equal(["custody.refused log.unknown"], await custody.ToldAsync(made.Deployment));

        var again = await UnbegunAsync();
        await BeginAsync(again);
        await LendsAsync(again);
    }

    [Fact]
    public async Task Evidence_that_was_exchanged_for_other_evidence_of_the_same_deployment_is_not_read_and_nothing_is_lent()
    {
        var made = await (await MadeAttempt.OfAsync(custody)).WriteAsync();
        Assert.Null(await custody.AskAsync(await (await MadeAttempt.OfAsync(custody)).WriteAsync()));
        var proofs = (await custody.Silo.LogAsync(made.Deployment)).OfType<LogEntry.Proved>().ToArray();
        var folder = Path.Combine(custody.Silo.Blobs, Digest.Of(Encoding.UTF8.GetBytes(made.Deployment.ToString())).Hex);
        File.Copy(Path.Combine(folder, proofs[0].Evidence.Hex), Path.Combine(folder, proofs[^1].Evidence.Hex), overwrite: true);

        var broken = await Assert.ThrowsAsync<OutsideException>(() => custody.AskAsync(made));
        using (CallerScope.As(Role.Deployment))
        {
            await custody.ProductionGrain.ReleaseAsync(made.Holder);
        }
        Assert.Equal("blob.damaged", broken.Reason.Code);
        Assert.Empty(await custody.ToldAsync(made.Deployment));
    }

    private async Task LendsAsync(MadeAttempt made)
    {
        custody.Waivers.Log = true;
        try
        {
            Assert.Null(await custody.AskAsync(made));
        }
        finally
        {
            custody.Waivers.Log = false;
        }
    }

    private async Task<MadeAttempt> CancelledAsync()
    {
        var made = await (await MadeAttempt.OfAsync(custody)).WriteAsync();
        await made.AppendAsync(new LogEntry.CancelRequested(1, TimeProvider.System.GetUtcNow(), "role:control", Codes.Superseded));
        return made;
    }

    private async Task<MadeAttempt> UnbegunAsync()
    {
        var made = await MadeAttempt.OfAsync(custody);
        made.Unbegun = true;
        return await made.WriteAsync();
    }

    private async Task EditAsync(MadeAttempt made, string edit)
    {
        var number = (await custody.Silo.LogAsync(made.Deployment)).Length;
        Execute($"{edit} WHERE deployment = $deployment AND number = $number", made.Deployment, number);
    }

    private async Task BeginAsync(MadeAttempt made)
    {
        var (number, now) = ((await custody.Silo.LogAsync(made.Deployment)).Length, TimeProvider.System.GetUtcNow());
        var entry = Convert.ToHexString(LogJson.Bytes(new LogEntry.Started(1, now, "role:control", made.Stage, 1, now.AddHours(1))));
        Execute(
            $"""
            INSERT INTO deployment_log SELECT deployment, $number + 1, X'{entry}', 1, 'x', at
            FROM deployment_log WHERE deployment = $deployment AND number = $number
            """,
            made.Deployment, number);
    }

    private void Execute(string sql, DeploymentId deployment, int number)
    {
        using var connection = new SqliteConnection($"Data Source={custody.Silo.File};Pooling=False");
        connection.Open();
        connection.Execute("DROP TRIGGER IF EXISTS deployment_log_no_update");
        connection.Execute("DROP TRIGGER IF EXISTS deployment_log_no_delete");
        Assert.Equal(1, connection.Execute(sql, ("$deployment", deployment.ToString()), ("$number", number)));
    }
}
