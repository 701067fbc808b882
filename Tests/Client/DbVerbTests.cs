using Maestro.Audit;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Client;

/// <summary>What <c>maestro db accept</c> asks for and says; <c>db migrate</c> and <c>db login</c> are tried on real databases.</summary>
public sealed class DbVerbTests
{
    private const string Ledger = "ledger/main";
    private const string Row = "row/control/environment/env/shop/production";
    private static readonly string Digest = new('a', 64);

    [Fact]
    public async Task A_row_is_accepted_as_its_refusal_names_it()
    {
        object?[] told = [];
        var silo = new SpokenSilo().With<ILedgerGrain>(Ledger, "AcceptRowAsync", asked =>
        {
            told = asked;
            return Task.CompletedTask;
        });
        var run = await ConsoleRun.OfAsync(silo, "db", "accept", Row, "--digest", Digest, "--reason", "looked at it");
        Assert.Equal((ExitCode.Done, "", $"{Row} counts as it is. Whatever is written next is signed.\n"), (run.ExitCode, run.Error, run.Out));
        Assert.Equal([Row, Digest, "looked at it"], told);
    }

    [Theory]
    [InlineData("db accept ROW --reason why", "--digest")]
    [InlineData("db accept ROW --digest DIGEST", "--reason")]
    [InlineData("db accept --digest DIGEST --reason why", "ROW is missing")]
    public async Task Nothing_is_left_out(string line, string missing)
    {
        var silo = new SpokenSilo();
        var run = await ConsoleRun.OfAsync(silo, line.Split(' '));
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(missing, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Empty(silo.Asked);
    }

    [Fact]
    public async Task A_reason_of_blanks_is_none()
    {
        var run = await ConsoleRun.OfAsync(new SpokenSilo(), "db", "accept", Row, "--digest", Digest, "--reason", " ");
        Assert.Equal((ExitCode.Usage, "Accepting a row needs a reason for the ledger: --reason TEXT\n"), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("call.refused", "Accepting a row of the database needs the role security or admin; you are anna with viewer.")]
    [InlineData("row.unknown", "A row is named as its refusal names it.")]
    public async Task A_refusal_is_a_sentence_with_its_way_out(string code, string sentence)
    {
        var silo = new SpokenSilo().With<ILedgerGrain>(Ledger, "AcceptRowAsync", _ => throw (code == "row.unknown"
            ? new RefusedException(new Reason(code, sentence, "row/role/state/key", "something else", "See the refusals with: maestro audit export."))
            : CallTokens.Refusal(code, "maestro.ILedgerGrain/AcceptRowAsync", "one of Security, Admin", "anna with Viewer")));
        var run = await ConsoleRun.OfAsync(silo, "db", "accept", "row", "--digest", Digest, "--reason", "why");
        Assert.NotEqual(ExitCode.Done, run.ExitCode);
        Assert.StartsWith(sentence, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db login one --roles review", "Logins are PostgreSQL's.")]
    [InlineData("db login one --database Host=db", "--roles")]
    [InlineData("db login --roles review --database Host=db", "NAME is missing")]
    public async Task A_login_needs_a_name_roles_and_a_database(string line, string missing)
    {
        var run = await ConsoleRun.OfAsync(line.Split(' '));
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(missing, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }
}
