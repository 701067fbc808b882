using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Makes the orders of one activation.</summary>
public sealed class OrdersSource(Post post, Plans plans, Deaths deaths, TimeProvider time)
{
    public Orders Make() => new(post, plans, time, deaths);
}

/// <summary>The orders that a deployment gives: signed, sent at their pace, and what is known of those who are busy with them.</summary>
public sealed class Orders(Post post, Plans plans, TimeProvider time, Deaths? deaths = null)
{
    /// <summary>A desk answers by itself; it is asked again only in case its answer was lost on the way.</summary>
    private static readonly TimeSpan DeskPause = TimeSpan.FromMinutes(5);

    /// <summary>How long until it is seen again whether a silo has the role that is missing.</summary>
    internal static readonly TimeSpan RolePause = TimeSpan.FromSeconds(5);

    private readonly AskPace _pace = new(deaths);
    private readonly Dictionary<string, string> _waiting = [];

    /// <summary>What the one who was asked last said that it waits for.</summary>
    public string? WaitingFor(int attempt, Stage stage) => _waiting.GetValueOrDefault(Key(attempt, stage));

    /// <summary>Sends the order that the move asks for, if it is due.</summary>
    public async Task GiveAsync(DeploymentId deployment, ChangeOpened change, Progress progress, Move move, DateTimeOffset now)
    {
        if (!_pace.IsDue(Question(move), now))
        {
            return;
        }
        var (row, tried, kind) = move switch
        {
            Move.Ask ask => (ask.Row, ask.Try, OrderKind.Ask),
            Move.Halt stop => (stop.Row, stop.Try, OrderKind.Stop),
            Move.Undo undo => (undo.Row, undo.Try, OrderKind.Undo),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var attempt = progress.Find(move.Attempt)!;
        var order = new WorkOrder(
            Binding.Of(deployment, move.Attempt, row.Stage, tried, row.Asked, time), kind,
            kind == OrderKind.Ask ? NeedsOf(attempt, row) : ImmutableDictionary<string, Digest>.Empty, attempt.Evidence,
            kind == OrderKind.Ask ? null : attempt.BackCode, (move as Move.Undo)?.Target);
        await post.OrderAsync(ReceiverOf(row, deployment, change), order);
    }

    /// <summary>Takes note of what an answer says it waits for. A desk that has written the question down is not asked again before its time is over.</summary>
    public void NoteWaiting(Progress progress, AgentAnswer answer)
    {
        var (attempt, stage) = (answer.Binding.Attempt, answer.Binding.Stage);
        _waiting[Key(attempt, stage)] = answer.WaitingFor ?? "";
        if (plans.FindRow(progress, attempt, stage) is { Asked: Role.Desk })
        {
            _pace.Quiet(Question(OrderKind.Ask, attempt, stage, answer.Binding.Try), time.GetUtcNow() + DeskPause);
        }
    }

    /// <summary>What an answer said is lost: what is open is asked again at the next look.</summary>
    public void AskAgain() => _pace.Clear();

    /// <summary>When somebody must look at the deployment next: the earliest question or limit; null where nothing is open.</summary>
    public DateTimeOffset? NextLook(Plan? plan, Progress progress, DateTimeOffset now, IReadOnlyList<Outage> outages)
    {
        if (progress.Active is not { } attempt)
        {
            return null;
        }
        var moves = plan?.Decide(progress, now, outages) ?? [];
        var questions = moves.Where(move => move is Move.Ask or Move.Halt or Move.Undo).Select(Question).ToHashSet();
        _pace.Keep(questions);
        var limits = moves.Select(move => move switch
        {
            Move.Ask ask => ask.Deadline,
            Move.Halt stop => stop.Deadline,
            Move.Undo => DateTimeOffset.MaxValue,
            Move.Begin => now + RolePause,
            _ => now,
        });
        var parked = attempt.Rows.Values.Select(row => row.RestsUntil(attempt.GoesBack)).Where(until => until > now);
        var due = limits.Concat(parked).Append(_pace.NextAt(questions) ?? DateTimeOffset.MaxValue).Min();
        // A version of the plan that this silo does not know is looked at again when another silo may be there.
        return due == DateTimeOffset.MaxValue ? now + TimeSpan.FromMinutes(1) : due;
    }

    private ImmutableDictionary<string, Digest> NeedsOf(AttemptProgress attempt, Row row)
    {
        var plan = plans.Find(attempt.TableVersion)!;
        return plan.NeedsOf(row.Stage).ToImmutableDictionary(stage => plan[stage].Proves.Name, stage => attempt.Rows[stage].Evidence!.Value);
    }

    private static string ReceiverOf(Row row, DeploymentId deployment, ChangeOpened change) =>
        row.Asked == Role.Desk ? DeskOf(change.Application) : deployment.ToString();

    public static string DeskOf(Application application) => $"desk/{application.Team}";

    private static string Question(Move move) => move switch
    {
        Move.Ask ask => Question(OrderKind.Ask, ask.Attempt, ask.Row.Stage, ask.Try),
        Move.Halt stop => Question(OrderKind.Stop, stop.Attempt, stop.Row.Stage, stop.Try),
        Move.Undo undo => Question(OrderKind.Undo, undo.Attempt, undo.Row.Stage, undo.Try),
        _ => "",
    };

    private static string Question(OrderKind kind, int attempt, Stage stage, int tried) => FormattableString.Invariant($"{kind}/{attempt}/{stage}/{tried}");

    private static string Key(int attempt, Stage stage) => FormattableString.Invariant($"{attempt}/{stage}");
}
