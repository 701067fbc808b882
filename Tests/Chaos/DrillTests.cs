namespace Maestro.Chaos;

/// <summary>What <c>maestro chaos</c> does, as often as a test run can bear.</summary>
public sealed class DrillTests(ITestOutputHelper output)
{
    private const int Kills = 40;
    private const int Seed = 20_261;

    [Fact]
    public async Task Forty_kills_of_silos_that_own_running_work_lose_nothing_and_double_nothing()
    {
        Assert.SkipWhen(PrivatePostgres.Programs() is null, "PostgreSQL is not installed.");
        var settings = new DrillSettings(Silos: 3, Kills, Seed, Applications: 3, BurnFor: TimeSpan.FromSeconds(10));

        var report = await new Drill(settings, TimeProvider.System, output.WriteLine).RunAsync(TestContext.Current.CancellationToken);

        var result = string.Join(Environment.NewLine, report.Lines());
        output.WriteLine(result);
        Assert.True(report.IsGood, result);
        Assert.True(report.Kills >= Kills, result);
    }
}
