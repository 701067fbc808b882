using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>What a lease may say, by custody's own facts.</summary>
/// <param name="Subject">The digest of what becomes effective: a plan or an image; null for nothing.</param>
/// <param name="Glass">The two who broke the glass, where it rests on that; else nobody.</param>
public sealed record LeaseTerms(int Port, string? Target, Digest? Plan, Digest? Subject, ImmutableArray<string> Glass = default)
{
    public bool GlassBroken => !Glass.IsDefaultOrEmpty;
}

/// <summary>What custody itself remembers of an environment.</summary>
/// <param name="Effect">Whether this effect was lent a credential before.</param>
/// <param name="Release">Whether this release was lent the way forward, with this image.</param>
public sealed record LentBefore(bool Effect, Func<Release, bool> Release);

/// <summary>How a verification came out.</summary>
/// <param name="Terms">Null where nothing could be looked up that a lease may say.</param>
/// <param name="Inputs">The statements that it rests on, by what they say.</param>
public sealed record Verified(ImmutableArray<Check> Checks, LeaseTerms? Terms, ImmutableArray<(string Name, Digest Digest)> Inputs);

/// <summary>Verifies one request for a lease: all of it forward, and on the way back only what keeps it from being another way forward.</summary>
public sealed class Verification(EvidenceReader reader, FactReader facts, LastCheck last)
{
    /// <exception cref="OutsideException">A fact could not be fetched.</exception>
    public async Task<Verified> VerifyAsync(EnvironmentKey environment, LeaseRequest request, LentBefore lent, CancellationToken cancellation)
    {
        try
        {
            return request.Way == LeaseWay.Keep
                ? await KeepAsync(environment, request, lent, cancellation)
                : await VerifyAttemptAsync(environment, request, lent, cancellation);
        }
        catch (RefusedException refused)
        {
            return new([Checks.Of("facts", "where they live", "facts that can be read", refused.Reason)], null, []);
        }
    }

    /// <summary>Which release is served again: the one that was named, else the one before; null for nothing.</summary>
    /// <exception cref="RefusedException">The environment's history has none of that name.</exception>
    public static Release? Before(EnvironmentView view, string effect, string? wanted)
    {
        var before = view.Live?.Effect == effect ? view.Before : view.Live is { } live ? [live] : view.Before;
        return (wanted is null ? before.FirstOrDefault() : before.FirstOrDefault(release => release.Id == wanted)) is var target
            && (target is not null || wanted is null)
            ? target
            : throw new RefusedException(new Reason("rollback.unknown", "Only a release of the environment's history can be brought back.", wanted!,
                string.Join(", ", before.Select(release => release.Id)), "Name one of these with --to."));
    }

    private async Task<Verified> VerifyAttemptAsync(
        EnvironmentKey environment, LeaseRequest request, LentBefore lent, CancellationToken cancellation)
    {
        // The way back rests on nothing but what opened the attempt: a statement that is lost must not keep a bad release live.
        var evidence = await reader.ReadAsync(request.Deployment, request.Attempt, request.Way == LeaseWay.Back ? null : request.Stage, cancellation);
        var place = PlaceOf(environment, evidence.Assignment);
        return place.Result == CheckResult.Differs ? new([place], null, [])
            : request.Way == LeaseWay.Back ? await BackAsync(environment, request, evidence, place, lent)
            : await ForwardAsync(environment, request, evidence, place, lent.Effect, cancellation);
    }

    private async Task<Verified> ForwardAsync(
        EnvironmentKey environment, LeaseRequest request, AttemptEvidence evidence, Check place, bool lentBefore, CancellationToken cancellation)
    {
        var attempt = evidence.Attempt;
        var goes = attempt is { IsClosed: false, GoesBack: false } && attempt.Rows.GetValueOrDefault(request.Stage)?.State == RowState.Started;
        var started = Checks.Of("stage", "log", $"{request.Stage} has started and is not answered", goes ? null : new Reason(
            "custody.stage", "Credentials are lent while their stage is under way.", $"{request.Stage} of {evidence.Assignment.Holder} under way",
            attempt.IsClosed ? "a closed attempt" : attempt.GoesBack ? $"an attempt that goes back ({attempt.BackCode})" : "no such stage under way",
            "Use: maestro retry."));
        var view = await facts.ProductionAsync(environment);
        var held = HeldBy(view, evidence.Assignment.Holder, request.Token);
        var route = await facts.RouteAsync(environment, cancellation);
        ImmutableArray<Check> before = [place, started, held, ServedOf(view, route, evidence.Assignment.Effect)];
        // What serves already took a lease to get there; a process that was started again has another address.
        var again = request.Stage == Stage.Promote && route.Effect == evidence.Assignment.Effect;
        var checks = again || before.FirstDifference() is not null
            ? before
            : [.. before, .. last.Compare(evidence, await facts.ReadAsync(evidence, lentBefore, cancellation))];
        return new(checks, TermsOf(evidence, request.Stage), Inputs(evidence));
    }

    private async Task<Verified> BackAsync(
        EnvironmentKey environment, LeaseRequest request, AttemptEvidence evidence, Check place, LentBefore lent)
    {
        var attempt = evidence.Attempt;
        var goes = attempt.GoesBack && attempt.Rows.ContainsKey(Stage.Promote) && request.Stage == Stage.Promote;
        var started = Checks.Of("way back", "log", "an attempt that goes back", goes ? null : new Reason(
            "custody.not-back", "What was live before is served again where the attempt goes back.", "an attempt that goes back", "one that does not",
            "Use: maestro rollback."));
        var view = await facts.ProductionAsync(environment);
        var held = HeldBy(view, evidence.Assignment.Holder, request.Token);
        var wanted = Checks.Of("release asked for", "log", attempt.Target ?? "the release before", request.Release == attempt.Target ? null : new Reason(
            "custody.other-release", "The release that is brought back is the one that a person named.", attempt.Target ?? "the release before",
            request.Release ?? "the release before", "Use: maestro rollback --to."));
        ImmutableArray<Check> checks = [place, started, held, wanted];
        try
        {
            var target = Before(view, evidence.Assignment.Effect, attempt.Target);
            checks = checks.Add(Checks.Of("release before", "custody", target?.Effect ?? "nothing", target is null ? null : NeverLent(target, lent)));
            return new(checks, new(PortOf(evidence), target?.Effect, null, target?.Image), []);
        }
        catch (RefusedException unknown)
        {
            return new(checks.Add(Checks.Of("release before", "environment", "a release of the history", unknown.Reason)), null, []);
        }
    }

    private async Task<Verified> KeepAsync(EnvironmentKey environment, LeaseRequest request, LentBefore lent, CancellationToken cancellation)
    {
        var effect = Assignment.EffectOf(request.Deployment, request.Attempt, request.Stage);
        var view = await facts.ProductionAsync(environment);
        var route = await facts.RouteAsync(environment, cancellation);
        var application = await facts.ApplicationAsync(environment.Application);
        ImmutableArray<Check> checks =
        [
            Text("live release", "environment", effect, view.Live?.Effect), Text("served release", "edge", effect, route.Effect),
            HeldBy(view, null, request.Token),
            Checks.Of("release", "custody", effect, view.Live is null ? null : NeverLent(view.Live, lent)),
            Text("application", "register", environment.Application, application?.Name),
        ];
        return new(checks, application is null ? null : new(application.Production.Port, effect, null, view.Live?.Image), []);
    }

    // What an environment says was live is the control role's word; custody brings back only what it has verified whole itself.
    private static Reason? NeverLent(Release release, LentBefore lent) => lent.Release(release) ? null : new(
        "custody.never-lent", "Only a release that custody has verified before is brought back or kept alive.", "a release that was lent the way forward",
        $"{release.Effect} with image {release.Image.Abbreviated}", "Release it again, or the change before it.");

    private static LeaseTerms? TermsOf(AttemptEvidence evidence, Stage stage) => evidence.Find<ProductionApproved>() is not { } approved ? null
        : stage == Stage.ProvisionProduction ? new(PortOf(evidence), null, approved.Plan, approved.Plan, BrokenBy(approved))
        : new(PortOf(evidence), evidence.Assignment.Effect, null, approved.Image, BrokenBy(approved));

    private static ImmutableArray<string> BrokenBy(ProductionApproved approved) => approved.Glass.IsDefaultOrEmpty ? [] : approved.By;

    private static int PortOf(AttemptEvidence evidence) => evidence.Assignment.Change.Application.Production.Port;

    private static ImmutableArray<(string, Digest)> Inputs(AttemptEvidence evidence) =>
    [
        ("AttemptOpened", evidence.Opened),
        .. evidence.Statements.Where(statement => statement.Digest is not null).Select(statement => (statement.Stage.ToString(), statement.Digest!.Value)),
    ];

    private static Check PlaceOf(EnvironmentKey environment, Assignment assignment)
    {
        var own = assignment.Environment(EnvironmentSettings.ProductionName);
        var fits = own == environment && assignment.Change.Deployment() == assignment.Deployment;
        return Checks.Of("environment", "evidence", own.ToString(), fits ? null : new Reason(
            "lease.environment", "A credential is for the deployment's own production.", own.ToString(), environment.ToString(), "Nothing needs to be done."));
    }

    private static Check HeldBy(EnvironmentView view, string? holder, long token) => Checks.Of(
        "lock", "environment", FormattableString.Invariant($"{holder ?? "nobody"} under token {token}"),
        (view.LockHolder, view.Token) == (holder, token) ? null : new Reason(
            "lease.token", "A credential is for whoever holds the environment's lock now.", FormattableString.Invariant(
                $"{view.LockHolder ?? "nobody"} under token {view.Token}"),
            FormattableString.Invariant($"{holder ?? "nobody"} under token {token}"), "It is asked for again by itself."));

    // Nothing at all is served where the edge was begun anew, and what is asked for is served where an answer was lost.
    private static Check ServedOf(EnvironmentView view, Route route, string effect) => Checks.Of(
        "served release", "edge", view.Live?.Effect ?? "nothing",
        route.Effect is null || route.Effect == effect || route.Effect == view.Live?.Effect ? null : new Reason(
            "edge.other-release", "Production serves what the environment has recorded as live.", view.Live?.Effect ?? "nothing",
            new UntrustedText(route.Effect).Shown(), "See maestro env, and find out who switched it."));

    private static Check Text(string name, string source, string expected, string? found) => Checks.Of(name, source, expected, found == expected
        ? null
        : new Reason("custody.not-live", "Only what is live is kept alive.", expected, found ?? "nothing", "It is looked at again by itself."));
}
