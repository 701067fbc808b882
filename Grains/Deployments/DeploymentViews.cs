using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Makes what people see of a deployment: the newest attempt, folded from its entries, with a sentence for each row.</summary>
public sealed class DeploymentViews(IDeploymentLog log, EvidenceFile evidence, IBlobStore blobs, Plans plans, IPresence presence)
{
    public async Task<DeploymentView> MakeAsync(Journal journal, Orders orders, DateTimeOffset now)
    {
        var shown = journal.Progress.Active ?? journal.Progress.Newest!;
        var (attempt, details) = await AttemptHistory.ReadAsync(log, journal.Id, journal.Progress, shown, CancellationToken.None);
        var plan = plans.Find(attempt.TableVersion);
        var change = (await evidence.ReadOpenedAsync(journal.Id, attempt.Attempt, attempt.Evidence, CancellationToken.None)).Change;
        var stages = new List<StageView>();
        foreach (var row in plan?.Rows ?? [])
        {
            stages.Add(await RowAsync(journal.Id, attempt, row, orders, details));
        }
        return new(
            journal.Id.ToString(), change.Application.Name, change.Title, change.Opener, attempt.Attempt, attempt.Head, attempt.Base,
            Statuses.Of(journal.Progress, now, plans), attempt.Outcome, attempt.ClosedCode ?? attempt.BackCode, attempt.OpenedAt, ClosedAt(attempt, journal),
            [.. stages], Waits.Of(journal.Plan, journal.Progress, change, orders, presence, now), journal.Progress.Number, change.SensitivePaths);
    }

    private async Task<StageView> RowAsync(
        DeploymentId id, AttemptProgress attempt, Row row, Orders orders, ImmutableDictionary<(Stage Stage, string Code), Digest> details)
    {
        var at = attempt.Rows.GetValueOrDefault(row.Stage);
        Digest? detail = at?.Code is { } code && details.TryGetValue((row.Stage, code), out var kept) ? kept : null;
        var asked = Principal.Name(row.Asked);
        if (at is null)
        {
            return new(row.Stage, asked, "pending", 0, null, null, null, null, null);
        }
        var ended = at.State == RowState.Started ? (DateTimeOffset?)null : at.ChangedAt;
        return at switch
        {
            { Undone: true } => new(
                row.Stage, asked, "undone", at.Try, at.StartedAt, ended, at.Restored ? "taken back" : "nothing to take back",
                at is { State: RowState.Refused or RowState.Broke, Code: not Codes.Stopped } ? await ReasonAsync(id, detail) : null,
                at.Evidence),
            { State: RowState.Proved } =>
                new(row.Stage, asked, "proved", at.Try, at.StartedAt, ended, await SentenceAsync(id, attempt.Attempt, row, at), null, at.Evidence),
            { State: RowState.Refused } => await FailedAsync(id, "refused", asked, detail, at, ended),
            { State: RowState.Broke, Code: Codes.Stopped } => new(row.Stage, asked, "cancelled", at.Try, at.StartedAt, ended, "stopped", null, null),
            { State: RowState.Broke } => await FailedAsync(id, "broke", asked, detail, at, ended),
            _ => new(row.Stage, asked, "running", at.Try, at.StartedAt, null, orders.WaitingFor(attempt.Attempt, row.Stage), null, null),
        };
    }

    private async Task<string> SentenceAsync(DeploymentId id, int attempt, Row row, RowProgress at)
    {
        try
        {
            return Sentences.Of(await evidence.ReadProofAsync(id, attempt, row, at.Evidence!.Value, CancellationToken.None));
        }
        catch (Exception gone) when (gone is OutsideException or RefusedException)
        {
            return "its evidence cannot be read: " + gone.Message;
        }
    }

    private async Task<StageView> FailedAsync(DeploymentId id, string status, string asked, Digest? detail, RowProgress at, DateTimeOffset? ended)
    {
        var reason = await ReasonAsync(id, detail);
        return new(at.Stage, asked, status, at.Try, at.StartedAt, ended, reason?.Found ?? at.Code, reason, null);
    }

    private async Task<Reason?> ReasonAsync(DeploymentId id, Digest? detail)
    {
        return detail is { } digest && await blobs.GetAsync(id, digest, CancellationToken.None) is { } bytes
            ? JsonSerializer.Deserialize<Reason>(bytes, LogJson.Options)
            : null;
    }

    private static DateTimeOffset? ClosedAt(AttemptProgress attempt, Journal journal) =>
        attempt.IsClosed && !attempt.Rows.IsEmpty ? attempt.Rows.Values.Max(row => row.ChangedAt)
        : attempt.IsClosed ? attempt.BackSince ?? journal.Progress.Newest?.OpenedAt : null;
}
