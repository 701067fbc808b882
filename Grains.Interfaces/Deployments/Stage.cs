namespace Maestro.Deployments;

/// <summary>The stages of a deployment. Names, not numbers, are stored; the order and the rules are the plan's.</summary>
[GenerateSerializer, Alias("maestro.stage")]
public enum Stage
{
    Review,
    AllowRun,
    Build,
    Test,
    Scan,
    PlanStaging,
    StagingPlanReview,
    ProvisionStaging,
    DeployStaging,
    RehearseRollback,
    PlanProduction,
    Approval,
    ProvisionProduction,
    Promote,
    Watch,
    Finish,
}
