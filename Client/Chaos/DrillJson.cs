using Maestro.Screen;

namespace Maestro.Chaos;

/// <summary>A drill's result for scripts.</summary>
internal static class DrillJson
{
    public static string Of(DrillReport report) => JsonOutput.Of("drill", new
    {
        report.Seed,
        Seconds = report.Took.TotalSeconds,
        report.Kills,
        report.IsGood,
        Changes = report.History.Results.Length,
        Recovery = report.Recovery,
        RecoveryOfAll = report.RecoveryOfAll,
        DatabaseBack = report.DatabaseBack,
        Coverage = Cell.All.Select(cell => new { cell.Work, cell.Moment, Hits = report.Hits.GetValueOrDefault(cell) }),
        Missed = report.Missed,
        report.Evicted,
        report.Offences,
        report.Concerned,
        report.Strikes,
    });
}
