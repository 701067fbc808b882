using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Turns answers into entries: verifies the message, compares it with what was asked, and keeps what it proves.</summary>
public sealed class Answers(
    IKeyring keyring, EvidenceFile evidence, IBlobStore blobs, IDeploymentLog log, Reception reception, Plans plans)
{
    private static readonly ImmutableArray<Role> Answering = [Role.Review, Role.Build, Role.Infrastructure, Role.Deployment, Role.Desk];

    /// <summary>Whether an answer is awaited.</summary>
    internal Func<Progress, AgentAnswer, AnswerPlace> Place { get; init; } = AnswerPlace.Of;

    /// <summary>As which type an envelope is read: never as the one that it names itself.</summary>
    internal Func<Envelope, string> PayloadType { get; init; } = _ => StatementTypes.Payload;

    /// <summary>The answer, if it is signed by the role that was asked and fits a row that waits for one; else null, and the ledger says why.</summary>
    public async Task<AgentAnswer?> OpenAsync(DeploymentId deployment, Progress progress, Envelope envelope, NonceMemory nonces)
    {
        var roles = RolesFor(envelope);
        foreach (var role in roles)
        {
            AgentAnswer answer;
            try
            {
                answer = Statements.Open<AgentAnswer>(keyring, role, envelope, PredicateTypes.AgentAnswer, PayloadType(envelope)).Predicate;
            }
            catch (RefusedException refusal) when (refusal.Reason.Code == MessageRefusal.SignatureCode && role != roles[^1])
            {
                continue;
            }
            catch (RefusedException refusal)
            {
                await reception.DropAsync(Role.Control, deployment.ToString(), refusal.Reason);
                return null;
            }
            return await CheckAsync(deployment, progress, role, answer, envelope, nonces) ? answer : null;
        }
        return null;
    }

    // What an envelope says of its key decides only whose key is tried first.
    private static ImmutableArray<Role> RolesFor(Envelope envelope) =>
        envelope?.Signatures is { IsDefaultOrEmpty: false } signatures && signatures[0]?.KeyId is { } named
            ? [.. Answering.OrderByDescending(role => Principal.OfRole(role) == named)]
            : Answering;

    /// <summary>The entry that records the answer; null where it says nothing new.</summary>
    public async Task<LogEntry?> ToEntryAsync(DeploymentId deployment, Progress progress, AgentAnswer answer, Envelope envelope, DateTimeOffset now)
    {
        var (attempt, stage, tried) = (answer.Binding.Attempt, answer.Binding.Stage, answer.Binding.Try);
        var row = progress.Find(attempt)!.Rows[stage];
        var actor = Principal.OfRole(plans.FindRow(progress, attempt, stage)!.Asked);
        return answer.Kind switch
        {
            AnswerKind.Proved when !row.Quiet =>
                new LogEntry.Proved(attempt, now, actor, stage, tried, await evidence.PutAsync(deployment, envelope, CancellationToken.None)),
            AnswerKind.Refused when !row.Quiet =>
                new LogEntry.Refused(attempt, now, actor, stage, tried, answer.Reason!.Code, await PutAsync(deployment, answer.Reason)),
            AnswerKind.Broke => new LogEntry.Broke(attempt, now, actor, stage, tried, answer.Reason!.Code, await PutAsync(deployment, answer.Reason)),
            AnswerKind.Stopped when !row.Quiet => new LogEntry.Broke(attempt, now, actor, stage, tried, Codes.Stopped, null),
            AnswerKind.Undone when row is { Quiet: true, Undone: false } => new LogEntry.Undone(
                attempt, now, actor, stage, answer.Restored is null ? null : await evidence.PutAsync(deployment, envelope, CancellationToken.None)),
            _ => null,
        };
    }

    private async Task<bool> CheckAsync(
        DeploymentId deployment, Progress progress, Role role, AgentAnswer answer, Envelope envelope, NonceMemory nonces)
    {
        var subject = deployment.ToString();
        try
        {
            await reception.AdmitAsync(role, subject, envelope, answer, new(Role.Control, deployment), nonces);
        }
        catch (RefusedException refusal)
        {
            await reception.DropAsync(Role.Control, Principal.OfRole(role), subject, refusal.Reason);
            return false;
        }
        var row = plans.FindRow(progress, answer.Binding.Attempt, answer.Binding.Stage);
        if (row is not null && row.Asked != role)
        {
            var other = MessageRefusal.Binding(MessageRefusal.SignatureCode, $"an answer by {row.Asked}", $"one by {role}");
            await reception.StrayAsync(Role.Control, role, subject, Reception.Dropped, other.Reason);
            return false;
        }
        var place = Place(progress, answer);
        // An activation that another one has overtaken does not know what was asked since.
        if (place.Unasked is { } anomaly && await IsUpToDateAsync(deployment, progress))
        {
            await reception.StrayAsync(Role.Control, role, subject, Reception.Refused, anomaly);
        }
        if (place.Superseded is { } late)
        {
            await reception.LateAsync(role, subject, late);
        }
        // Without a row nobody knows whose answer it would be.
        return row is not null && place.Awaited;
    }

    private async Task<bool> IsUpToDateAsync(DeploymentId deployment, Progress progress) =>
        ((await log.ReadHeadAsync(deployment, CancellationToken.None))?.Number ?? 0) == progress.Number;

    private Task<Digest> PutAsync(DeploymentId deployment, Reason reason) =>
        blobs.PutAsync(deployment, JsonSerializer.SerializeToUtf8Bytes(reason, LogJson.Options), CancellationToken.None);
}
