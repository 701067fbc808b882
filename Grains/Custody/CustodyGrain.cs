using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.Logging;

namespace Maestro.Custody;

/// <inheritdoc cref="ICustodyGrain"/>
[ActsAs(Role.Custody), GrainType("custody")]
internal sealed partial class CustodyGrain(
    [PersistentState("custody", "maestro")] IPersistentState<CustodyState> state, Verification verification, Attestations attestations,
    RepeatedChecks repeated, IKeyring keyring, IGrainFactory grains, TimeProvider time, ILogger<CustodyGrain> logger)
    : Grain, ICustodyGrain
{
    /// <summary>For so long what was found is not looked up again: whoever lost an answer asks at once.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly DurableState<CustodyState> _durable = new(state);
    private readonly RefusalPace _pace = new(time);

    private EnvironmentKey Environment => this.GetPrimaryKeyString().Split('/') is [_, var application, var name]
        ? new(application, name)
        : throw Refusal("lease.environment", "A credential is for an environment.", "custody/application/environment", this.GetPrimaryKeyString());

    public async Task<Envelope> LeaseAsync(LeaseRequest request)
    {
        var caller = Caller.Current;
        // What the ledger was not told yet comes first: without the ledger nothing is lent.
        await (await _durable.ReadAsync()).Facts.TellAsync(grains, time);
        if (CallerFault(caller, request) is { } fault)
        {
            await NoteAsync(request, caller, fault, null);
            throw new RefusedException(fault);
        }
        var known = await _durable.ReadAsync();
        if (known.Leases.LastOrDefault(lent => lent.Request == request) is { } last && IsGood(last))
        {
            return last.Lease;
        }
        var lentBefore = known.Leases.Exists(lent => Attestations.EffectOf(lent.Request) == Attestations.EffectOf(request));
        var lent = new LentBefore(lentBefore, release => known.Releases.Exists(one => one.Effect == release.Effect && IsOurs(one, release)));
        var verified = await verification.VerifyAsync(Environment, request, lent, CancellationToken.None);
        var difference = verified.Checks.FirstDifference() ?? (verified.Terms is null ? Unclear(request) : null);
        if (difference is not null)
        {
            await NoteAsync(request, caller, difference, verified);
            throw new RefusedException(difference);
        }
        var summary = await attestations.SummarizeAsync(Environment, request, verified, CancellationToken.None);
        return await LendAsync(request, caller, verified.Terms!, summary);
    }

    public Task<ImmutableArray<Check>> RepeatAsync(string deployment, int attempt) => DeploymentId.TryParse(deployment, out var id)
        ? repeated.OfAsync(Environment, id, attempt, CancellationToken.None)
        : throw Refusal("custody.attempt", "A verification is of a deployment.", "pr/host/owner/repository/number", new UntrustedText(deployment).Shown(60));

    private async Task<Envelope> LendAsync(LeaseRequest request, Caller? caller, LeaseTerms terms, Digest summary)
    {
        var (lease, digest, until) = await attestations.LendAsync(Environment, request, terms, summary, CancellationToken.None);
        var body = JsonSerializer.Serialize(new
        {
            environment = Environment.ToString(),
            effect = Attestations.EffectOf(request),
            token = request.Token,
            way = request.Way.ToString(),
            target = terms.Target,
            summary = summary.Hex,
            lease = digest.Hex,
            until,
            glass = terms.GlassBroken ? string.Join(", ", terms.Glass) : null,
        });
        var kind = request.Way == LeaseWay.Back ? "custody.way-back" : "custody.leased";
        var isFirstUse = terms.GlassBroken && !state.State.Leases.Exists(lent => IsSameAttempt(lent.Request, request));
        await _durable.ChangeAsync(known =>
        {
            known.Keep(new LentLease(request, lease, time.GetUtcNow()));
            if (request is { Way: LeaseWay.Forward, Stage: Stage.Promote } && terms is { Target: { } effect, Subject: { } image })
            {
                known.Keep(new LentRelease(effect, image.Hex, Convert.ToBase64String(keyring.Sign(Role.Custody, Lent(effect, image.Hex)))));
            }
            if (terms.GlassBroken)
            {
                // The ledger takes it once: plan and switch of one release are one use, however often they are lent for.
                known.Facts.Keep(new(
                    GlassDesk.UsedKey(request.Deployment, request.Attempt, Stage.Approval), time.GetUtcNow(), GlassDesk.Used, Who(caller),
                    request.Deployment.ToString(), body));
            }
            known.Facts.Keep(new($"custody/{Nonce.Fresh()}", time.GetUtcNow(), kind, Who(caller), request.Deployment.ToString(), body));
        });
        if (isFirstUse)
        {
            Instruments.GlassBroken.Add(1, new KeyValuePair<string, object?>("step", "used"));
        }
        if (terms.GlassBroken)
        {
            LogGlassBroken(Attestations.EffectOf(request));
        }
        // It is handed out only when the ledger has it; asked again, the same one is.
        await state.State.Facts.TellAsync(grains, time);
        return lease;
    }

    private static bool IsSameAttempt(LeaseRequest one, LeaseRequest other) =>
        (one.Deployment, one.Attempt, one.Way) == (other.Deployment, other.Attempt, other.Way);

    private bool IsOurs(LentRelease one, Release release) => one.Image == release.Image.Hex
        && Base64Text.DecodeStandard(one.Signature) is { } signature
        && keyring.SignerOf(Role.Custody, Lent(one.Effect, one.Image), signature) is { RevokedSince: null };

    private static byte[] Lent(string effect, string image) => System.Text.Encoding.UTF8.GetBytes($"maestro.lent/v1\n{effect}\n{image}");

    // Of a flood of the same refusal neither the ledger nor the evidence store takes more than some.
    private async Task NoteAsync(LeaseRequest request, Caller? caller, Reason difference, Verified? verified)
    {
        var about = new RefusalKey(request.Deployment.ToString(), "custody.refused", difference.Code);
        if (_pace.Take(about) is not { } lost)
        {
            return;
        }
        LogRefused(Attestations.EffectOf(request), Who(caller), difference.Code, new UntrustedText(difference.ToString()).Shown(1000), lost);
        var summary = verified is null
            ? (Digest?)null : await attestations.SummarizeAsync(Environment, request, verified, CancellationToken.None);
        var body = JsonSerializer.Serialize(new
        {
            environment = Environment.ToString(),
            effect = Attestations.EffectOf(request),
            token = request.Token,
            way = request.Way.ToString(),
            code = difference.Code,
            summary = summary?.Hex,
            lost,
        });
        await _pace.TellAsync(about, lost + 1, grains, new(
            $"custody/{Nonce.Fresh()}", time.GetUtcNow(), about.Kind, Who(caller), about.Subject, body));
    }

    private bool IsGood(LentLease lent)
    {
        try
        {
            var lease = Statements.Open<ProductionLease>(keyring, Role.Custody, lent.Lease, ProductionLease.PredicateType).Predicate;
            return time.GetUtcNow() - lease.IssuedAt is var age && age >= TimeSpan.Zero && age < Settled;
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    // The deployment's own agent of the role that the stage is for, and not another's.
    private static Reason? CallerFault(Caller? caller, LeaseRequest request)
    {
        Role? needed = (request.Stage, request.Way) switch
        {
            (Stage.Promote, _) => Role.Deployment,
            (Stage.ProvisionProduction, LeaseWay.Forward) => Role.Infrastructure,
            _ => null,
        };
        var own = caller?.Deployment is null || caller.Deployment == request.Deployment.ToString();
        return needed is { } role && caller?.Roles.Contains(role) == true && own && request.Attempt > 0 && request.Token > 0
            ? null
            : Because("custody.caller", "A credential is lent to the deployment's own agent of the stage's role.",
                $"{(needed is { } known ? Principal.OfRole(known) : "a stage that touches production")} of {request.Deployment}",
                $"{caller?.Principal ?? "nobody"} of {caller?.Deployment ?? "no deployment"} for {request.Stage}");
    }

    [LoggerMessage(LogLevel.Warning, "{Effect} is lent a credential because the glass was broken")]
    private partial void LogGlassBroken(string effect);

    [LoggerMessage(LogLevel.Warning, "{Effect} is lent no credential, asked for by {Actor}, with {Code}: {Reason} ({Lost} like it were not logged)")]
    private partial void LogRefused(string effect, string actor, string code, string reason, long lost);

    private static string Who(Caller? caller) => caller?.Principal ?? "";

    private static Reason Unclear(LeaseRequest request) => Because(
        "custody.terms", "A credential says what it is for.", "an approved plan and image", $"none for {Attestations.EffectOf(request)}");

    private static RefusedException Refusal(string code, string rule, string expected, string found) => new(Because(code, rule, expected, found));

    private static Reason Because(string code, string rule, string expected, string found) => new(code, rule, expected, found, "Use: maestro retry.");
}
