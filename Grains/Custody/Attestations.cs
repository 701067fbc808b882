using System.Collections.Immutable;
using System.Text;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>Signs what custody found and what it lends.</summary>
public sealed class Attestations(IKeyring keyring, LedgerOrigin origin, EvidenceFile evidence, TimeProvider time)
{
    private const string PolicyUri = "https://maestro.example/policy/last-check/v1";
    private const int MostChecks = 100;
    private const int LongestText = 300;

    /// <summary>Signs and keeps the summary. Its digest is what names it.</summary>
    public Task<Digest> SummarizeAsync(EnvironmentKey environment, LeaseRequest request, Verified verified, CancellationToken cancellation)
    {
        var effect = EffectOf(request);
        var passed = verified.Checks.FirstDifference() is null && verified.Terms is not null;
        var summary = new VerificationSummary(
            new(VerificationSummary.VerifierOf(origin)), time.GetUtcNow(), VerificationSummary.ResourceOf(environment.ToString(), effect),
            PolicyOf(verified.Checks), [.. verified.Inputs.Select(input => SummaryInput.Of($"maestro:{effect}/{input.Name}", input.Digest))],
            passed ? VerificationSummary.Passed : VerificationSummary.Failed, passed ? LevelsOf(request, verified.Terms!) : [],
            new(request.Deployment, request.Attempt, request.Stage, environment.ToString(), request.Token, request.Way),
            [.. verified.Checks.Take(MostChecks).Select(Shown)]);
        var subject = verified.Terms?.Subject ?? Digest.Of(Encoding.UTF8.GetBytes(effect));
        return KeepAsync(request, VerificationSummary.PredicateType, Subject.Of(effect, subject), summary, cancellation);
    }

    // Whoever reads only the levels must see that reviewers were passed.
    private static ImmutableArray<string> LevelsOf(LeaseRequest request, LeaseTerms terms) => terms.GlassBroken
        ? [VerificationSummary.LevelOf(request.Way), VerificationSummary.GlassBroken] : [VerificationSummary.LevelOf(request.Way)];

    /// <summary>Signs the lease that rests on a summary, and keeps a copy as evidence.</summary>
    public async Task<(Envelope Lease, Digest Digest, DateTimeOffset Until)> LendAsync(
        EnvironmentKey environment, LeaseRequest request, LeaseTerms terms, Digest summary, CancellationToken cancellation)
    {
        var (now, effect) = (time.GetUtcNow(), EffectOf(request));
        var lease = new ProductionLease(
            request.Deployment, request.Attempt, request.Stage, effect, environment.ToString(), terms.Port, request.Way, terms.Target, terms.Plan,
            request.Token, summary, Nonce.Fresh(), now, now + ProductionLease.Life);
        var envelope = Statements.Sign(keyring, Role.Custody, ProductionLease.PredicateType, [Subject.Of(effect, summary)], lease);
        return (envelope, await evidence.PutAsync(request.Deployment, envelope, cancellation), lease.ExpiresAt);
    }

    public static string EffectOf(LeaseRequest request) => Binding.EffectOf(request.Deployment, request.Attempt, request.Stage);

    private Task<Digest> KeepAsync<T>(LeaseRequest request, string type, Subject subject, T predicate, CancellationToken cancellation) =>
        evidence.PutAsync(request.Deployment, Statements.Sign(keyring, Role.Custody, type, [subject], predicate), cancellation);

    // The policy is the list of comparisons; another list is another policy.
    private static SummaryInput PolicyOf(ImmutableArray<Check> checks) =>
        SummaryInput.Of(PolicyUri, Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', checks.Select(check => check.Name)))));

    private static SummaryCheck Shown(Check check) =>
        new(check.Name, check.Source, Cut(check.Expected), Cut(check.Found), check.Result == CheckResult.Holds);

    private static string Cut(string text) => text.Length > LongestText ? text[..LongestText] : text;
}
