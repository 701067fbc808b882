using System.Collections.Concurrent;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>A plan over all three agents with a fork, a join and two rows to undo, whose stages write down what they do and do nothing else.</summary>
internal static class RecordedPlan
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(15);

    public static readonly Plan Plan = new(version: 1, opensWith: typeof(ChangeOpened),
    [
        Row.Agent<RecordedStage<ChangeOpened, ChangeReviewed>, ChangeOpened, ChangeReviewed>(Stage.Review, Role.Review, Within, tries: 1),
        Row.Agent<RecordedStage<ChangeReviewed, StagingPlanned>, ChangeReviewed, StagingPlanned>(Stage.PlanStaging, Role.Infrastructure, Within, tries: 1),
        Row.Agent<RecordedStage<ChangeReviewed, ImageCleared>, ChangeReviewed, ImageCleared>(Stage.Scan, Role.Deployment, Within, tries: 1),
        Row.Undoable<RecordedStage<(StagingPlanned, ImageCleared), StagingHealthy>, (StagingPlanned, ImageCleared), StagingHealthy>(
            Stage.DeployStaging, Role.Deployment, Within, tries: 1),
        Row.Undoable<RecordedStage<StagingHealthy, Promoted>, StagingHealthy, Promoted>(Stage.Promote, Role.Deployment, Within, tries: 1),
        Row.Agent<RecordedStage<Promoted, Settled>, Promoted, Settled>(Stage.Watch, Role.Deployment, Within, tries: 1),
        Row.Agent<RecordedStage<Settled, Finished>, Settled, Finished>(Stage.Finish, Role.Infrastructure, Within, tries: 1),
    ]);

    /// <summary>Whether production turns out to be bad, so that everything is taken back.</summary>
    public static bool TurnsOutBad(DeploymentId deployment) => deployment.Number % 2 == 0;
}

/// <summary>What the stages did, in order.</summary>
internal sealed class EffectJournal
{
    private readonly ConcurrentDictionary<string, bool> _done = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Whether a stage looks for its effect before it acts.</summary>
    public bool Looks { get; set; } = true;

    public string[] Of(DeploymentId deployment) =>
        [.. _lines.Where(line => line.Contains($" {deployment}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public void Make(string line)
    {
        if (_done.TryAdd(line, true) || !Looks)
        {
            _lines.Enqueue(line);
        }
    }
}

/// <summary>A stage whose only effect is a line in the journal.</summary>
internal sealed class RecordedStage<TNeeds, TProves>(EffectJournal journal) : IStage<TNeeds, TProves>, IUndoable
    where TProves : Proof
{
    private static readonly Digest Image = Digest.Of("image"u8);

    public Task<Answer<TProves>> AskAsync(Assignment assignment, TNeeds needs, CancellationToken cancellation)
    {
        journal.Make($"do {assignment.Effect}");
        return Task.FromResult<Answer<TProves>>(assignment.Stage == Stage.Watch && RecordedPlan.TurnsOutBad(assignment.Deployment)
            ? new Answer<TProves>.Refused(new("watch.unhealthy", "Production stays healthy.", "health", "none", "Look."))
            : new Answer<TProves>.Proved((TProves)Made()));
    }

    public Task<UndoAnswer> UndoAsync(Assignment assignment, CancellationToken cancellation)
    {
        journal.Make($"undo {assignment.Effect}");
        return Task.FromResult<UndoAnswer>(new UndoAnswer.Undone("the release before"));
    }

    private static Proof Made() => typeof(TProves).Name switch
    {
        nameof(ChangeReviewed) => new ChangeReviewed(Verdict.Approve, "a test", false, 1, []),
        nameof(StagingPlanned) => new StagingPlanned(Image, "lineage", 1, [], [], Image),
        nameof(ImageCleared) => new ImageCleared(Image, "a test", 1, []),
        nameof(StagingHealthy) => new StagingHealthy(Image, "r1", 1),
        nameof(Promoted) => new Promoted(Image, "r1", 1, DateTimeOffset.UnixEpoch, null),
        nameof(Settled) => new Settled(Image, 1),
        _ => new Finished(null),
    };
}
