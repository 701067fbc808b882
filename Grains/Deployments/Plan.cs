using System.Collections.Immutable;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using static Maestro.Identity.Role;
using static System.TimeSpan;

namespace Maestro.Deployments;

/// <summary>
/// The whole process, top to bottom. Rows form a graph: a row starts as soon as everything it needs is proven, so an image is built and
/// tested while people read the plan. A row may need only what a row above it proves. No other file knows the order.
/// </summary>
public sealed class Plan
{
    /// <summary>How long a watch may take beyond the window that the manifest sets.</summary>
    public static readonly TimeSpan WatchGrace = FromMinutes(5);

    /// <summary>The longest window a manifest may set.</summary>
    public static readonly TimeSpan LongestWatch = FromHours(24);

    public static readonly Plan Version1 = new(version: 1, opensWith: typeof(ChangeOpened),
    [
        // who answers       with which stage          from what it needs                                 what it proves                              which row                         within            tries
        Row.Agent<           ReviewStage,              ChangeOpened,                                      ChangeReviewed>(                            Stage.Review, Review,             FromMinutes(15), tries: 3),
        Row.Desk<            AllowRunQuestion,         ChangeReviewed,                                    RunAllowed>(                                Stage.AllowRun,                   FromHours(24)),
        Row.Agent<           BuildStage,               (ChangeReviewed, RunAllowed),                      ImageBuilt>(                                Stage.Build, Build,               FromMinutes(30), tries: 2),
        Row.Agent<           TestStage,                ImageBuilt,                                        TestsPassed>(                               Stage.Test, Build,                FromMinutes(30), tries: 2),
        Row.Agent<           ScanStage,                ImageBuilt,                                        ImageCleared>(                              Stage.Scan, Deployment,           FromMinutes(10), tries: 3),
        Row.Agent<           PlanStagingStage,         (ChangeReviewed, RunAllowed),                      StagingPlanned>(                            Stage.PlanStaging, Infrastructure, FromMinutes(15), tries: 2),
        Row.Desk<            StagingPlanQuestion,      StagingPlanned,                                    StagingPlanApproved>(                       Stage.StagingPlanReview,          FromHours(24)),
        Row.Agent<           ProvisionStagingStage,    (TestsPassed, ImageCleared, StagingPlanned, StagingPlanApproved), StagingProvisioned>(                        Stage.ProvisionStaging, Infrastructure, FromMinutes(30), tries: 1),
        Row.Undoable<        DeployStagingStage,       (TestsPassed, ImageCleared, StagingProvisioned),   StagingHealthy>(                            Stage.DeployStaging, Deployment,  FromMinutes(20), tries: 2),
        Row.Agent<           RehearseRollbackStage,    (StagingProvisioned, StagingHealthy),              RollbackRehearsed>(                         Stage.RehearseRollback, Deployment, FromMinutes(10), tries: 2),
        Row.Agent<           PlanProductionStage,      StagingHealthy,                                    ProductionPlanned>(                         Stage.PlanProduction, Infrastructure, FromMinutes(15), tries: 2),
        Row.Desk<            ReleaseQuestion,          (ImageCleared, RollbackRehearsed, ProductionPlanned), ProductionApproved>(                     Stage.Approval,                   FromHours(24)),
        Row.Agent<           ProvisionProductionStage, (RollbackRehearsed, ProductionPlanned, ProductionApproved), ProductionProvisioned>(                     Stage.ProvisionProduction, Infrastructure, FromMinutes(30), tries: 1, besides: Identity.Role.Custody),
        Row.Undoable<        PromoteStage,             (RollbackRehearsed, ProductionPlanned, ProductionApproved, ProductionProvisioned), Promoted>(     Stage.Promote, Deployment,        FromMinutes(20), tries: 2, besides: Identity.Role.Custody),
        Row.Agent<           WatchStage,               Promoted,                                          Settled>(                                   Stage.Watch, Deployment,          WatchGrace, tries: 1, beyond: manifest => manifest.Watch.Window),
        Row.Agent<           FinishStage,              Settled,                                           Finished>(                                  Stage.Finish, Deployment,         FromMinutes(10), tries: 5),
    ]);

    private readonly ImmutableDictionary<Stage, ImmutableArray<Stage>> _needs;

    /// <exception cref="ArgumentException">A row is there twice, needs what no row above it proves, or has no limit.</exception>
    public Plan(int version, Type opensWith, ImmutableArray<Row> rows)
    {
        (Version, OpensWith, Rows) = (version, opensWith, rows);
        var needs = ImmutableDictionary.CreateBuilder<Stage, ImmutableArray<Stage>>();
        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            Check(row, rows[..index], opensWith);
            needs.Add(row.Stage, [.. rows[..index].Where(above => row.Needs.Contains(above.Proves)).Select(above => above.Stage)]);
        }
        _needs = needs.ToImmutable();
    }

    /// <summary>Every version a deployment may have been opened with; old ones stay while one of them is open.</summary>
    public static ImmutableArray<Plan> Versions { get; } = [Version1];

    public int Version { get; }

    public Type OpensWith { get; }

    public ImmutableArray<Row> Rows { get; }

    /// <summary>The stages whose proofs this stage waits for; what opens the attempt is always there.</summary>
    public ImmutableArray<Stage> NeedsOf(Stage stage) => _needs[stage];

    public Row this[Stage stage] =>
        Rows.FirstOrDefault(row => row.Stage == stage) ?? throw new ArgumentException($"The plan has no row {stage}.", nameof(stage));

    private static void Check(Row row, ImmutableArray<Row> above, Type opensWith)
    {
        if (above.Any(other => other.Stage == row.Stage))
        {
            throw new ArgumentException($"{row.Stage} is in the plan twice.");
        }
        if (row.Needs.FirstOrDefault(need => need != opensWith && above.All(other => other.Proves != need)) is { } missing)
        {
            throw new ArgumentException($"{row.Stage} needs {missing.Name}, which no earlier row proves.");
        }
        if (row.Within <= Zero || row.Tries < 1)
        {
            throw new ArgumentException($"{row.Stage} needs a time of more than zero and at least one try.");
        }
    }
}
