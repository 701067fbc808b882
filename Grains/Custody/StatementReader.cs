using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>Opens every statement that an effect rests on, each with the key of the role that may make it.</summary>
public sealed class StatementReader(EvidenceFile evidence, Plans plans, TimeProvider time)
{
    /// <exception cref="RefusedException">What opened the attempt is not to be believed.</exception>
    /// <exception cref="OutsideException">A statement cannot be read.</exception>
    public async Task<AttemptEvidence> OpenAsync(AttemptProgress attempt, DeploymentId deployment, Stage? stage, CancellationToken cancellation)
    {
        var opened = await evidence.ReadOpenedAsync(deployment, attempt.Attempt, attempt.Evidence, cancellation);
        var about = stage ?? Stage.Promote;
        var assignment = new Assignment(
            deployment, attempt.Attempt, about, Math.Max(1, attempt.Rows.GetValueOrDefault(about)?.Try ?? 1), opened.Change, time.GetUtcNow(), attempt.BackCode,
            attempt.Target);
        if (Misopened(attempt, opened) is { } fault)
        {
            throw new RefusedException(fault);
        }
        if (stage is not { } needing)
        {
            return new(assignment, attempt, attempt.Evidence, []);
        }
        var plan = plans.Find(opened.TableVersion) ?? throw new OutsideException(new Reason(
            "custody.plan-version", "Custody knows the plan that the attempt was opened with.", "a known version", $"version {opened.TableVersion}",
            "Start a custody silo of the release that opened this deployment."));
        var statements = ImmutableArray.CreateBuilder<ReadStatement>();
        foreach (var row in Behind(plan, needing))
        {
            statements.Add(await ReadAsync(assignment, attempt, row, cancellation));
        }
        return new(assignment, attempt, attempt.Evidence, statements.ToImmutable());
    }

    /// <summary>The rows that the stage needs, directly or through others.</summary>
    public static IEnumerable<Row> Behind(Plan plan, Stage stage)
    {
        var needed = new HashSet<Stage>(plan.NeedsOf(stage));
        foreach (var row in plan.Rows.Reverse().Where(row => needed.Contains(row.Stage)))
        {
            needed.UnionWith(plan.NeedsOf(row.Stage));
        }
        return plan.Rows.Where(row => needed.Contains(row.Stage));
    }

    /// <summary>Why a statement is not believed for this place of the log; null where it is.</summary>
    public static Reason? FindFault(AgentAnswer answer, Row row, int tried, DateTimeOffset at)
    {
        var binding = answer.Binding;
        if ((answer.Kind, binding.Audience, binding.Try) != (AnswerKind.Proved, Role.Control, tried))
        {
            return MessageRefusal.Binding(
                MessageRefusal.TryCode, $"a proof of try {tried} for control", $"{answer.Kind} of try {binding.Try} for {binding.Audience}").Reason;
        }
        // Older than it could be when the log took it: somebody kept it for this day.
        var fresh = binding.ExpiresAt - binding.IssuedAt <= MessageCheck.LongestLife
            && binding.IssuedAt <= at + MessageCheck.Skew && at <= binding.ExpiresAt + MessageCheck.Skew;
        if (!fresh)
        {
            return MessageRefusal.Binding(
                MessageRefusal.ExpiredCode, $"a statement that was fresh at {at:O}", $"{binding.IssuedAt:O} to {binding.ExpiresAt:O}").Reason;
        }
        var proof = answer.OpenProof();
        return proof.GetType() == row.Proves
            ? null
            : MessageRefusal.Binding(MessageRefusal.StageCode, row.Proves.Name, proof.GetType().Name).Reason;
    }

    /// <summary>Where what opened the attempt is not what the log says; null where it is.</summary>
    public static Reason? Misopened(AttemptProgress attempt, OpenedAttempt opened) =>
        (attempt.Head, attempt.Base, attempt.MergeTree, attempt.TableVersion)
            == (opened.Change.Head, opened.Change.Base, opened.Change.MergeTree, opened.TableVersion)
        ? null
        : MessageRefusal.Binding(MessageRefusal.AttemptCode, $"{attempt.Head} into {attempt.Base}", $"{opened.Change.Head} into {opened.Change.Base}").Reason;

    /// <summary>The attempt with one more entry. Unlike the process, a verification also asks what a closed attempt rested on.</summary>
    public static AttemptProgress? Fold(AttemptProgress? attempt, LogEntry entry) => entry switch
    {
        LogEntry.AttemptOpened opened => AttemptProgress.Of(opened),
        LogEntry.Closed closed => attempt is null ? null : attempt with { Outcome = closed.Outcome, ClosedCode = closed.Code },
        _ => attempt?.With(entry),
    };

    private async Task<ReadStatement> ReadAsync(Assignment assignment, AttemptProgress attempt, Row row, CancellationToken cancellation)
    {
        var by = Principal.OfRole(row.Asked);
        if (attempt.Rows.GetValueOrDefault(row.Stage) is not { State: RowState.Proved, Evidence: { } digest } at)
        {
            return new(row.Stage, by, null, default, null, new(
                "evidence.missing", "Every row that an effect rests on is proved.", $"{row.Stage} proved", "no proof in the log", "Use: maestro retry."));
        }
        try
        {
            var answer = await evidence.ReadAnswerAsync(assignment.Deployment, assignment.Attempt, row, digest, cancellation);
            return FindFault(answer, row, at.Try, at.ChangedAt) is { } fault
                ? new(row.Stage, by, digest, at.ChangedAt, null, fault)
                : new(row.Stage, by, digest, at.ChangedAt, answer.OpenProof(), null);
        }
        catch (RefusedException refused)
        {
            return new(row.Stage, by, digest, at.ChangedAt, null, refused.Reason);
        }
    }
}
