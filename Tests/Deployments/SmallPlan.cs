using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;

namespace Maestro.Deployments;

/// <summary>Five rows with a fork, a join, a desk and two rows to undo: small enough to visit everything that can happen to it.</summary>
internal static class SmallPlan
{
    public static readonly Plan Plan = new(version: 1, opensWith: typeof(ChangeOpened),
    [
        Row.Agent<Nothing<ChangeOpened, ChangeReviewed>, ChangeOpened, ChangeReviewed>(Stage.Review, Role.Review,
            TimeSpan.FromMinutes(10), tries: 2),
        Row.Desk<NoQuestion<ChangeReviewed, RunAllowed>, ChangeReviewed, RunAllowed>(Stage.AllowRun, TimeSpan.FromHours(24)),
        Row.Undoable<Nothing<ChangeReviewed, StagingHealthy>, ChangeReviewed, StagingHealthy>(Stage.DeployStaging, Role.Deployment,
            TimeSpan.FromMinutes(20), tries: 2),
        Row.Undoable<Nothing<(RunAllowed, StagingHealthy), Promoted>, (RunAllowed, StagingHealthy), Promoted>(Stage.Promote,
            Role.Deployment, TimeSpan.FromMinutes(20), tries: 1),
        Row.Agent<Nothing<Promoted, Settled>, Promoted, Settled>(Stage.Watch, Role.Deployment, TimeSpan.FromHours(1), tries: 1),
    ]);

    /// <summary>The same graph as it is meant, written down a second time.</summary>
    public static readonly IReadOnlyDictionary<Stage, Stage[]> Needs = new Dictionary<Stage, Stage[]>
    {
        [Stage.Review] = [],
        [Stage.AllowRun] = [Stage.Review],
        [Stage.DeployStaging] = [Stage.Review],
        [Stage.Promote] = [Stage.AllowRun, Stage.DeployStaging],
        [Stage.Watch] = [Stage.Promote],
    };

    /// <summary>A stage that only has types.</summary>
    public sealed class Nothing<TNeeds, TProves> : IStage<TNeeds, TProves>, IUndoable
        where TProves : Proof
    {
        public Task<Answer<TProves>> AskAsync(Assignment assignment, TNeeds needs, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<UndoAnswer> UndoAsync(Assignment assignment, CancellationToken cancellation) => throw new NotSupportedException();
    }

    /// <summary>A question that only has types.</summary>
    public sealed class NoQuestion<TNeeds, TProves> : IQuestion<TNeeds, TProves>
        where TProves : Proof
    {
        public Question<TProves> Put(Assignment assignment, TNeeds needs) => throw new NotSupportedException();
    }
}
