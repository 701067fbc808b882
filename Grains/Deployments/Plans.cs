using System.Collections.Immutable;

namespace Maestro.Deployments;

/// <summary>The versions of the plan that this silo knows. An attempt is judged by the one it was opened with, whatever came after.</summary>
public sealed record Plans(ImmutableArray<Plan> Versions)
{
    public static Plans Shipped { get; } = new(Plan.Versions);

    /// <summary>The version that new attempts are opened with.</summary>
    public Plan Newest => Versions[^1];

    /// <summary>The version of this number; null where this silo does not know it.</summary>
    public Plan? Find(int version) => Versions.FirstOrDefault(plan => plan.Version == version);

    /// <summary>The row that the attempt's own version has for the stage; the newest version's where there is no such attempt.</summary>
    public Row? FindRow(Progress progress, int attempt, Stage stage) =>
        (progress.Find(attempt) is { } known ? Find(known.TableVersion) : Newest)?.Rows.FirstOrDefault(row => row.Stage == stage);
}
