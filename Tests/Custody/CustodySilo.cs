using System.Collections.Immutable;
using Maestro.Agents.Review;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Bench;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Custody;

/// <summary>
/// A real silo with real keys, repository, ledger, edge and custody, whose review agent approves everything, and whose builds and releases cost
/// nothing. Custody's controls can be waived one at a time.
/// </summary>
public sealed class CustodySilo : IAsyncLifetime
{
    public const string Reviewer = "rita";

    /// <summary>Somebody else who may approve.</summary>
    public const string Second = "ruth";

    public CustodySilo()
    {
        var world = new InstantWorld();
        Silo = new()
        {
            More = services =>
            {
                services.AddSingleton<IWorkshop>(world).AddSingleton<IHealthProbe>(world).AddSingleton<INames>(world).AddSingleton<INotifier>(world);
                services.AddSingleton<IRuntime, InstantRuntime>();
                services.AddSingleton(provider => new OfflineReviewer(
                    [.. StandardDetectors.All.Select(detector => new WaivableDetector(detector, Waivers))], [], TimeProvider.System));
                services.AddSingleton<LastCheck>(provider => new WaivableCheck(provider.GetRequiredService<ApprovalsCheck>(), Waivers));
                services.AddSingleton<LogRecord>(provider => new WaivableRecord(provider.GetRequiredService<IGrainFactory>(), Waivers));
            },
        };
    }

    internal MessageSilo Silo { get; }

    internal Waivers Waivers { get; } = new();

    internal IEdge Edge => Silo.Services.GetRequiredService<IEdge>();

    internal EnvironmentKey Production => new(Silo.Repository.Application.Name, EnvironmentSettings.ProductionName);

    internal IEnvironmentGrain ProductionGrain => Silo.Grains.GetGrain<IEnvironmentGrain>(Production.ToString());

    internal ICustodyGrain Custody => Silo.Grains.GetGrain<ICustodyGrain>(Custodian.KeyOf(Production));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Silo.InitializeAsync();
        await Silo.EnrolAsync(Reviewer, [Role.Viewer, Role.Reviewer, Role.Sre]);
        await Silo.EnrolAsync(Second, [Role.Viewer, Role.Reviewer]);
    }

    public ValueTask DisposeAsync() => Silo.DisposeAsync();

    /// <summary>What a person signs about the attempt.</summary>
    internal string Sign(Decision decision)
    {
        using var key = Silo.KeyOf(decision.Person);
        return Countersign.Text(Silo.Keyring, key, decision);
    }

    /// <summary>What a person signs to break the glass for the attempt.</summary>
    internal string Sign(GlassBreak word)
    {
        using var key = Silo.KeyOf(word.Person);
        return Countersign.Text(Silo.Keyring, key, word);
    }

    /// <summary>Whether custody lends for this attempt: null where it does, else why not. The environment is given back.</summary>
    internal async Task<string?> AskAsync(MadeAttempt attempt)
    {
        using var scope = CallerScope.As(attempt.Asks);
        var grant = await ProductionGrain.AcquireAsync(attempt.Holder);
        Assert.True(grant.Granted);
        var refused = await Refused.ByAsync(() => Custody.LeaseAsync(
            new(attempt.Deployment, attempt.Number, attempt.Stage, grant.Token + attempt.TokenAhead, attempt.Way)));
        using var release = CallerScope.As(Role.Deployment);
        await ProductionGrain.ReleaseAsync(attempt.Holder);
        return refused?.Reason.Code;
    }

    /// <summary>An attempt as custody reads it.</summary>
    internal async Task<AttemptEvidence> ReadAsync(DeploymentId deployment, Stage stage)
    {
        using var scope = CallerScope.As(Role.Custody);
        return await Silo.Services.GetRequiredService<EvidenceReader>().ReadAsync(deployment, 1, stage, Cancellation);
    }

    /// <summary>What custody told the ledger of this deployment, the newest last.</summary>
    internal async Task<string[]> ToldAsync(DeploymentId deployment) =>
        [.. (await Silo.LedgerAsync(deployment)).Where(fact => fact.Kind.StartsWith("custody.", StringComparison.Ordinal))
            .Select(fact => $"{fact.Kind} {BundledLedger.TextIn(fact, "code")}".TrimEnd())];

    /// <summary>Opens a pull request and answers as people do, until it is closed.</summary>
    internal async Task<(DeploymentId Id, DeploymentView View)> DeliverAsync((string Head, string Base) branches)
    {
        var id = DeploymentId.Parse(await Silo.Owner.Grain<IGatewayGrain>("gateway/local").OpenAsync("shop", branches.Head, branches.Base));
        await using var reviewer = await Silo.ConnectAsync(Reviewer);
        var (answered, view) = (new HashSet<string>(), default(DeploymentView));
        await Eventually.IsTrueAsync(async () =>
        {
            var desk = reviewer.Grain<IApprovalDeskGrain>($"desk/{Silo.Repository.Application.Team}");
            foreach (var request in (await desk.ListAsync()).Where(request => request.Deployment == id.ToString() && answered.Add(request.Nonce)))
            {
                using var key = Silo.KeyOf(Reviewer);
                await reviewer.Grain<IGatewayGrain>("gateway/local").DecideAsync(
                    Silo.Repository.Application.Team, PersonSigner.Sign(key, Delivery.TestDelivery.Answer(request, approved: true, Reviewer)));
            }
            view = await reviewer.Grain<IDeploymentGrain>(id.ToString()).GetAsync();
            return view?.Outcome is not null;
        });
        return (id, view!);
    }
}

/// <summary>Which of custody's controls is waived at the moment.</summary>
internal sealed class Waivers
{
    /// <summary>The rules find nothing.</summary>
    public bool Rules { get; set; }

    /// <summary>The log is not compared with the ledger.</summary>
    public bool Log { get; set; }

    /// <summary>The names of comparisons that are left out.</summary>
    public ImmutableHashSet<string> Checks { get; set; } = [];
}

internal sealed class WaivableDetector(IDetector detector, Waivers waivers) : IDetector
{
    public IEnumerable<Finding> InFile(ReadFile file) => waivers.Rules ? [] : detector.InFile(file);

    public IEnumerable<Finding> InChange(ReadChange change) => waivers.Rules ? [] : detector.InChange(change);
}

internal sealed class WaivableCheck(ApprovalsCheck approvals, Waivers waivers) : LastCheck(approvals)
{
    public override ImmutableArray<Check> Compare(AttemptEvidence evidence, OutsideFacts? outside) =>
        [.. base.Compare(evidence, outside).Where(check => !waivers.Checks.Contains(check.Name))];
}

internal sealed class WaivableRecord(IGrainFactory grains, Waivers waivers) : LogRecord(grains)
{
    public override async Task<Reason?> FindFaultAsync(DeploymentId deployment, IReadOnlyList<ReadEntry> log) =>
        waivers.Log ? null : await base.FindFaultAsync(deployment, log);
}
