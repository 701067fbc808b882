using System.Text.Json;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Custody;

/// <summary>
/// An attempt as a control plane can write it that has the log, the evidence store and every role's key, so that each thing it may forge is one
/// change to a sound attempt. Whatever people sign it does not have.
/// </summary>
internal sealed class MadeAttempt
{
    private static readonly Digest Some = Digest.Of("some"u8);
    private static readonly Digest Image = Digest.Of("image"u8);
    private readonly CustodySilo _custody;
    private readonly Dictionary<Stage, Proof> _proofs = [];

    private MadeAttempt(CustodySilo custody, ChangeOpened change) => (_custody, Change, Deployment) = (custody, change, change.Deployment());

    public ChangeOpened Change { get; set; }

    public DeploymentId Deployment { get; }

    public int Number { get; init; } = 1;

    public string Holder => Assignment.HolderOf(Deployment, Number);

    /// <summary>For which stage custody is asked, by whom, and how.</summary>
    public Stage Stage { get; set; } = Stage.ProvisionProduction;

    public Role Asks { get; set; } = Role.Infrastructure;

    public LeaseWay Way { get; set; } = LeaseWay.Forward;

    public long TokenAhead { get; set; }

    /// <summary>Rows whose statement another role signs.</summary>
    public Dictionary<Stage, Role> Signers { get; } = [];

    /// <summary>Rows whose statement was signed so much earlier than the log says.</summary>
    public Dictionary<Stage, TimeSpan> Older { get; } = [];

    /// <summary>Rows whose statement was made for another attempt.</summary>
    public Dictionary<Stage, int> OfAttempt { get; } = [];

    /// <summary>The last stage is not begun.</summary>
    public bool Unbegun { get; set; }

    public Decision Decision { get; private set; } = null!;

    public static async Task<MadeAttempt> OfAsync(CustodySilo custody, int number = 1, (string Path, string Content)? file = null)
    {
        var made = new MadeAttempt(custody, await custody.Silo.PullAsync(file is { } added ? [added] : [])) { Number = number };
        var (change, now) = (made.Change, TimeProvider.System.GetUtcNow());
        var plan = await custody.Silo.Services.GetRequiredService<IBlobStore>().PutAsync(
            made.Deployment, "plan"u8.ToArray(), TestContext.Current.CancellationToken);
        made.Decision = new(
            made.Deployment.ToString(), made.Number, Stage.Approval, change.Head, change.Base, plan, Image, EnvironmentSettings.ProductionName,
            Nonce.Fresh(), CustodySilo.Reviewer, true, null, now, now.AddMinutes(5));
        var run = custody.Sign(made.Decision with { Person = CustodySilo.Second, Stage = Stage.AllowRun, Plan = null, Image = null, Environment = null });
        // What is live now, and where the infrastructure stands.
        using var scope = CallerScope.As(Role.Custody);
        var live = (await custody.ProductionGrain.GetAsync()).Live?.Image;
        var state = await custody.Silo.Services.GetRequiredService<IInfrastructure>().ReadAsync(
            custody.Production, TestContext.Current.CancellationToken);
        var rehearsed = new RollbackRehearsed(Image, live, 1, now);
        foreach (var proof in new Proof[]
        {
            new ChangeReviewed(Verdict.Approve, "a test", false, 1, []), new RunAllowed("allowed by people", [CustodySilo.Reviewer], [run]),
            new ImageBuilt(Image, change.MergeTree, 1, 1, true, 1), new TestsPassed(Image, true, 1), new ImageCleared(Image, "a test", 1, []),
            new StagingPlanned(Some, "", 0, [], [], Some), new StagingPlanApproved(Some, "nothing changes", [], []), new StagingProvisioned(Some, "", 1, 1),
            new StagingHealthy(Image, "r1", 1), rehearsed, new ProductionPlanned(plan, state.Lineage, state.Serial, [], [], Some),
            new ProductionApproved(plan, Image, [CustodySilo.Reviewer], [custody.Sign(made.Decision)], rehearsed),
        })
        {
            made.Prove(proof);
        }
        return made;
    }

    public MadeAttempt Prove(Proof proof)
    {
        _proofs[Plan.Version1.Rows.First(row => row.Proves == proof.GetType()).Stage] = proof;
        return this;
    }

    public TProof Proof<TProof>()
        where TProof : Proof => _proofs.Values.OfType<TProof>().First();

    /// <summary>An approval by this decision in the place of the genuine one.</summary>
    public MadeAttempt Approve(params string[] approvals) => Prove(Proof<ProductionApproved>() with { Approvals = [.. approvals] });

    /// <summary>Writes statements and log, as far as the stage that is asked for.</summary>
    public async Task<MadeAttempt> WriteAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var evidence = _custody.Silo.Services.GetRequiredService<EvidenceFile>();
        var opened = await evidence.PutAsync(new OpenedAttempt(Deployment, Number, 1, Change), TestContext.Current.CancellationToken);
        await AppendAsync(new LogEntry.AttemptOpened(Number, now, "role:control", Change.Head, Change.Base, Change.MergeTree, opened, 1));
        foreach (var row in Plan.Version1.Rows.TakeWhile(row => row.Stage != Stage))
        {
            await AppendAsync(new LogEntry.Started(Number, now, "role:control", row.Stage, 1, now.AddHours(1)));
            if (_proofs.TryGetValue(row.Stage, out var proof))
            {
                await AppendAsync(new LogEntry.Proved(Number, now, "role:control", row.Stage, 1, await SayAsync(evidence, row, proof, now)));
            }
        }
        if (!Unbegun)
        {
            await AppendAsync(new LogEntry.Started(Number, now, "role:control", Stage, 1, now.AddHours(1)));
        }
        return this;
    }

    public Task AppendAsync(LogEntry entry) => AppendToAsync(_custody, Deployment, entry, Change);

    private async Task<Digest> SayAsync(EvidenceFile evidence, Row row, Proof proof, DateTimeOffset now)
    {
        var attempt = OfAttempt.GetValueOrDefault(row.Stage, Number);
        var at = now - Older.GetValueOrDefault(row.Stage);
        var binding = Binding.Of(Deployment, attempt, row.Stage, 1, Role.Control, TimeProvider.System) with
        {
            IssuedAt = at,
            ExpiresAt = at + MessageCheck.LongestLife,
        };
        var envelope = Statements.Sign(
            _custody.Silo.Keyring, Signers.GetValueOrDefault(row.Stage, row.Asked), PredicateTypes.AgentAnswer, [Subject.Of(binding.Effect, Some)],
            AgentAnswer.Proved(binding, proof));
        return await evidence.PutAsync(Deployment, envelope, TestContext.Current.CancellationToken);
    }

    private static async Task AppendToAsync(CustodySilo custody, DeploymentId deployment, LogEntry entry, ChangeOpened change)
    {
        var log = custody.Silo.Services.GetRequiredService<IDeploymentLog>();
        var number = (await log.ReadHeadAsync(deployment, TestContext.Current.CancellationToken))?.Number + 1 ?? 1;
        // It is never due, so that no grain takes it up.
        var head = new Head(
            deployment, change.Application.Name, entry.Attempt, number, 1, "running", null, change.Head, change.Base, entry.At, null, default);
        var fact = new LedgerFact(
            LogJson.FactKey(deployment, number), entry.At, $"deployment.{entry.GetType().Name}", entry.Actor, deployment.ToString(),
            JsonSerializer.Serialize(new { entry = LogJson.DigestOf(entry).Hex, attempt = entry.Attempt }));
        Assert.True(await log.AppendAsync(new(deployment, number, entry, 1, "a test", head, [fact]), TestContext.Current.CancellationToken));
    }
}
