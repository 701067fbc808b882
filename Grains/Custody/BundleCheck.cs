using System.Collections.Immutable;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>
/// Repeats a verification from a bundle alone, without a silo and without believing one: all it believes is the registry of keys and the roster, as
/// the root signed them. What cannot be repeated is listed with what custody found then, and never counted as holding.
/// </summary>
public sealed class BundleCheck(IKeyring keyring, IDirectory directory, LedgerOrigin origin, TimeProvider time)
{
    public async Task<ImmutableArray<Check>> OfAsync(AuditBundle bundle, CancellationToken cancellation)
    {
        BundledLedger ledger;
        try
        {
            ledger = BundledLedger.Open(bundle, new(keyring, origin));
        }
        catch (RefusedException refused)
        {
            return [Checks.Of("proofs", "bundle", "a checkpoint and proofs of this ledger", refused.Reason)];
        }
        var log = Checks.Of("log", "proofs", $"{bundle.Entries.Length} entries, each in the ledger", ledger.FindFault(bundle));
        return log.Result == CheckResult.Differs ? [log] : [log, .. await OfAttemptAsync(bundle, ledger, cancellation)];
    }

    private async Task<ImmutableArray<Check>> OfAttemptAsync(AuditBundle bundle, BundledLedger ledger, CancellationToken cancellation)
    {
        try
        {
            var attempt = ledger.Entries.Aggregate((AttemptProgress?)null, (folded, next) => StatementReader.Fold(folded, next.Entry))!;
            var evidence = new EvidenceFile(new BundledEvidence(bundle), keyring);
            var stage = attempt.Rows.ContainsKey(Stage.Promote) ? Stage.Promote : Stage.ProvisionProduction;
            var read = await new StatementReader(evidence, Plans.Shipped, time).OpenAsync(attempt, bundle.Deployment, stage, cancellation);
            var compared = new LastCheck(new(new ApprovalCheck(keyring, directory))).Compare(read, null);
            var lent = await new LeaseChecks(origin, evidence).OfAsync(read, ledger, cancellation);
            return [.. compared.Select(check => Remembered(check, lent.Summary)), .. lent.Checks];
        }
        catch (RefusedException refused)
        {
            return [Checks.Of("statements", "evidence", "what opened the attempt, signed", refused.Reason)];
        }
        catch (OutsideException missing)
        {
            return [Checks.Of("statements", "evidence", "every statement that the log names", missing.Reason)];
        }
    }

    // Who reads this sees what custody saw then, and that nobody has looked again.
    private static Check Remembered(Check check, VerificationSummary? summary) =>
        check.Result == CheckResult.NotRepeated && summary?.Checks.FirstOrDefault(known => known.Name == check.Name) is { } then
            ? check with { Source = $"{check.Source}, by custody's summary", Expected = then.Expected, Found = then.Found }
            : check;
}
