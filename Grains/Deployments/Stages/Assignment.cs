using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>What a stage is asked to do, taken from a verified order and from verified evidence only.</summary>
/// <param name="Change">The change the attempt is bound to.</param>
/// <param name="Code">On the way back: why.</param>
/// <param name="Target">On the way back by command: the release to bring back; null for the one before.</param>
/// <param name="Since">When the agent first took up this try, or this undo; waits for health count from here.</param>
public sealed record Assignment(
    DeploymentId Deployment, int Attempt, Stage Stage, int Try, ChangeOpened Change, DateTimeOffset Since, string? Code, string? Target)
{
    /// <summary>The name of the stage's effect: the same in every try, so that asking twice finds the first.</summary>
    public string Effect => EffectOf(Stage);

    /// <summary>Who holds an environment's lock for this attempt.</summary>
    public string Holder => HolderOf(Deployment, Attempt);

    public string EffectOf(Stage stage) => EffectOf(Deployment, Attempt, stage);

    public static string EffectOf(DeploymentId deployment, int attempt, Stage stage) => $"{HolderOf(deployment, attempt)}/{stage}";

    public static string HolderOf(DeploymentId deployment, int attempt) => FormattableString.Invariant($"{deployment}/a{attempt}");

    public EnvironmentKey Environment(string name) => new(Change.Application.Name, name);
}
