using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>Compares what was done in production with what custody lent for it: the lease, the summary it rests on, and that the ledger has both.</summary>
internal sealed class LeaseChecks(LedgerOrigin origin, EvidenceFile evidence)
{
    private static readonly ImmutableArray<Stage> Touching = [Stage.ProvisionProduction, Stage.Promote];

    /// <summary>One comparison for each effect that was carried out, and the last summary that is to be believed.</summary>
    public async Task<(ImmutableArray<Check> Checks, VerificationSummary? Summary)> OfAsync(
        AttemptEvidence read, BundledLedger ledger, CancellationToken cancellation)
    {
        var checks = ImmutableArray.CreateBuilder<Check>();
        VerificationSummary? last = null;
        foreach (var stage in Touching.Where(stage => read.Attempt.Rows.GetValueOrDefault(stage) is { State: RowState.Proved }))
        {
            var effect = read.Assignment.EffectOf(stage);
            Reason? fault = Missing(effect);
            foreach (var fact in ledger.Custody.Where(fact => BundledLedger.TextIn(fact, "effect") == effect && fact.Kind == "custody.leased"))
            {
                (fault, var summary) = await CompareAsync(read, stage, fact, cancellation);
                last = summary ?? last;
                if (fault is null)
                {
                    break;
                }
            }
            checks.Add(Checks.Of($"lease {stage}", "custody's key and the ledger", $"a lease for {effect} on a summary that says PASSED", fault));
        }
        return (checks.ToImmutable(), last);
    }

    private async Task<(Reason? Fault, VerificationSummary? Summary)> CompareAsync(
        AttemptEvidence read, Stage stage, LedgerFact fact, CancellationToken cancellation)
    {
        if (DigestOf(fact, "lease") is not { } lent || DigestOf(fact, "summary") is not { } summarized)
        {
            return (Missing(read.Assignment.EffectOf(stage)), null);
        }
        try
        {
            var deployment = read.Assignment.Deployment;
            var lease = await evidence.ReadAsync<ProductionLease>(deployment, lent, Role.Custody, ProductionLease.PredicateType, cancellation);
            var summary = await evidence.ReadAsync<VerificationSummary>(deployment, summarized, Role.Custody, VerificationSummary.PredicateType, cancellation);
            return (LeaseFault(read, stage, lease, summarized) ?? SummaryFault(read, lease, summary), summary);
        }
        catch (Exception unread) when (unread is RefusedException or OutsideException)
        {
            return (unread is RefusedException refused ? refused.Reason : ((OutsideException)unread).Reason, null);
        }
    }

    private static Reason? LeaseFault(AttemptEvidence read, Stage stage, ProductionLease lease, Digest summary)
    {
        var (row, effect) = (read.Attempt.Rows[stage], read.Assignment.EffectOf(stage));
        var approved = read.Find<Evidence.ProductionApproved>();
        return Differs("effect", effect, lease.Effect)
            ?? Differs("environment", EnvironmentOf(read), lease.Environment)
            ?? Differs("way", LeaseWay.Forward, lease.Way)
            ?? Differs("target", stage == Stage.Promote ? effect : null, lease.Target)
            ?? Differs("plan", stage == Stage.Promote ? null : approved?.Plan, lease.Plan)
            ?? Differs("summary", summary, lease.Verification)
            ?? Differs("time", true, lease.IssuedAt >= row.StartedAt - MessageCheck.Skew && lease.IssuedAt <= row.ChangedAt + MessageCheck.Skew
                && lease.ExpiresAt - lease.IssuedAt <= ProductionLease.LongestLife);
    }

    // By SLSA's own list: verifier, resource, result and level; and every statement, not only one of them.
    private Reason? SummaryFault(AttemptEvidence read, ProductionLease lease, VerificationSummary summary)
    {
        var inputs = summary.InputAttestations.Select(input => input.Digest.GetValueOrDefault("sha256")).ToHashSet(StringComparer.Ordinal);
        var left = read.Statements.Where(statement => statement.Stage is not Stage.ProvisionProduction || lease.Stage == Stage.Promote)
            .FirstOrDefault(statement => statement.Digest is { } digest && !inputs.Contains(digest.Hex));
        return Differs("verifier", VerificationSummary.VerifierOf(origin), summary.Verifier.Id)
            ?? Differs("resource", VerificationSummary.ResourceOf(lease.Environment, lease.Effect), summary.Resource)
            ?? Differs("result", VerificationSummary.Passed, summary.VerificationResult)
            ?? Differs("level", true, summary.VerifiedLevels.Contains(VerificationSummary.LevelOf(lease.Way)))
            ?? Differs("binding", new SummaryBinding(
                lease.Deployment, lease.Attempt, lease.Stage, lease.Environment, lease.Token, lease.Way), summary.Binding)
            ?? Differs("checks", null, summary.Checks.FirstOrDefault(check => !check.Holds)?.Name)
            ?? Differs("whole-check", null, LastCheck.Essential.Except(summary.Checks.Select(check => check.Name)).FirstOrDefault())
            ?? Differs("statement", null, left?.Stage.ToString());
    }

    private static string EnvironmentOf(AttemptEvidence read) => read.Assignment.Environment(Applications.EnvironmentSettings.ProductionName).ToString();

    private static Digest? DigestOf(LedgerFact fact, string field) =>
        BundledLedger.TextIn(fact, field) is { } text && Digest.IsDigest(text) ? Digest.Parse(text) : null;

    private static Reason Missing(string effect) => new(
        "lease.missing", "Production is touched only with a lease of custody for exactly this.", $"a lease for {effect} in the ledger", "none",
        "Find out who touched production, and how.");

    private static Reason? Differs<T>(string what, T expected, T found) => EqualityComparer<T>.Default.Equals(expected, found) ? null : new(
        $"lease.{what}", "A lease and its summary are for exactly what was done.", $"{what}: {expected}", new UntrustedText($"{found}").Shown(120),
        "Find out who touched production, and how.");
}
