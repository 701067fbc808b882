using Maestro.Agents.Review;
using Maestro.Applications;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>Fetches facts from where they live: git host, state store, edge, environment, evidence store and ledger. It only reads.</summary>
/// <param name="reviewer">Custody's own rules: what the review agent runs, or says it ran, is not asked.</param>
public sealed class FactReader(
    IGitHost git, IInfrastructure infrastructure, IEdge edge, IBlobStore blobs, IGrainFactory grains, OfflineReviewer reviewer, Witness witness,
    TimeProvider time)
{
    /// <exception cref="OutsideException">One of them cannot be read.</exception>
    public async Task<OutsideFacts> ReadAsync(AttemptEvidence evidence, bool lentBefore, CancellationToken cancellation)
    {
        var change = evidence.Assignment.Change;
        var key = evidence.Assignment.Environment(EnvironmentSettings.ProductionName);
        var tips = await git.ReadTipsAsync(change.Application, change.Number, cancellation);
        var again = tips.Head == change.Head && tips.Base == change.Base
            ? await git.ReadAsync(change.Application, change.Number, cancellation) : null;
        return new(
            tips, again, await RerunAsync(evidence, cancellation), await ProductionAsync(key), await edge.ReadAsync(key, cancellation),
            await infrastructure.ReadAsync(key, cancellation), await PlanIsKeptAsync(evidence, cancellation), await witness.ConfirmAsync(Role.Custody),
            await ApplicationAsync(change.Application.Name), lentBefore, time.GetUtcNow());
    }

    /// <summary>The environment as it stands; it says who holds its lock under which token.</summary>
    public Task<EnvironmentView> ProductionAsync(EnvironmentKey key) => grains.GetGrain<IEnvironmentGrain>(key.ToString()).GetAsync();

    public Task<Route> RouteAsync(EnvironmentKey key, CancellationToken cancellation) => edge.ReadAsync(key, cancellation);

    /// <summary>The application as it is registered; null where it is not.</summary>
    public Task<Application?> ApplicationAsync(string name) => grains.GetGrain<IApplicationsGrain>("applications/all").FindAsync(name);

    /// <summary>Runs the deterministic rules over the exact change.</summary>
    /// <exception cref="OutsideException">They read less of it than the review says: a machine without time says nothing of a change.</exception>
    public async Task<ChangeReviewed> RerunAsync(AttemptEvidence evidence, CancellationToken cancellation)
    {
        var change = evidence.Assignment.Change;
        var comparison = await git.CompareAsync(change.Application, change.Base, change.Head, ComparisonLimits.Default, cancellation);
        var rerun = await reviewer.ReviewAsync(comparison, change.SensitivePaths, cancellation);
        var late = rerun.Coverage < 1 && rerun.Findings.Any(finding => finding.Rule is "out-of-time" or "analysis-incomplete");
        return late && rerun.Verdict != Verdict.Reject
            ? throw new OutsideException(new Reason(
                "custody.rerun", "Custody reads the whole change again.", "a rerun that ends in time", $"{rerun.Coverage:P0} of the lines",
                "Use: maestro retry, when the machine has less to do."))
            : rerun;
    }

    /// <summary>Whether the approved plan's bytes are kept; the store compares them with their digest.</summary>
    public async Task<bool> PlanIsKeptAsync(AttemptEvidence evidence, CancellationToken cancellation) =>
        evidence.Find<ProductionApproved>() is { } approved
        && await blobs.GetAsync(evidence.Assignment.Deployment, approved.Plan, cancellation) is not null;
}
