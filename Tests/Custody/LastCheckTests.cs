using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Custody;

/// <summary>The last check over a real repository, a real environment and real signatures; one fact is moved at a time.</summary>
public sealed class LastCheckTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    private const string Reviewer = "rita";
    private static readonly Digest PlanDigest = Digest.Of("plan"u8);
    private static readonly Digest Image = Digest.Of("image"u8);
    private static readonly Digest Other = Digest.Of("other"u8);
    private static readonly SemaphoreSlim Once = new(1);

    private static readonly Dictionary<string, (string Code, Func<Facts, Facts> Move)> Moves = new(StringComparer.Ordinal)
    {
        ["the plan that was approved"] = ("plan.differs", facts => facts.With(facts.Approved with { Plan = Other })),
        ["the plan that was made"] = ("plan.differs", facts => facts.With(facts.Planned with { Plan = Other })),
        ["the plan that was applied"] = ("plan.differs", facts => facts.With(new ProductionProvisioned(Other, "", 0, 1))),
        ["the image that was approved"] = ("image.differs", facts => facts.With(facts.Approved with { Image = Other })),
        ["the image that was rehearsed"] = ("image.differs", facts => facts.With(facts.Rehearsed with { Image = Other })),
        ["the live release"] = ("rehearsal.other-release", facts => facts.With(facts.Rehearsed with { Live = Other })),
        ["no live release"] = ("rehearsal.other-release", facts => facts.With(facts.Rehearsed with { Live = null })),
        ["the age of the rehearsal"] = ("rehearsal.too-old", facts => facts.RehearsedBefore(TimeSpan.FromHours(24.1))),
        ["a rehearsal of the future"] = ("rehearsal.early", facts => facts.RehearsedBefore(TimeSpan.FromMinutes(-5))),
        ["no approval"] = ("approval.too-few", facts => facts.With(facts.Approved with { Approvals = [] })),
        ["a plan that destroys"] = ("approval.too-few", facts => facts.With(
            facts.Planned with { Changes = [new(PlannedAction.Delete, "file.a", false, "")] })),
        ["the tree that was built"] = ("image.differs", facts => facts.With(facts.Find<ImageBuilt>() with { MergeTree = new string('d', 40) })),
        ["the image that was built"] = ("image.differs", facts => facts.With(facts.Find<ImageBuilt>() with { Image = Other })),
        ["the image that was tested"] = ("image.differs", facts => facts.With(facts.Find<TestsPassed>() with { Image = Other })),
        ["the image that was scanned"] = ("image.differs", facts => facts.With(facts.Find<ImageCleared>() with { Image = Other })),
        ["the image in staging"] = ("image.differs", facts => facts.With(facts.Find<StagingHealthy>() with { Image = Other })),
        ["the state of the infrastructure"] = ("infrastructure.state-moved", facts => facts.With(new ProductionProvisioned(PlanDigest, "", 1, 1))),
        ["the plan's bytes"] = ("plan.missing", facts => facts.Planning(Other)),
        ["nobody allowed the run"] = ("approval.too-few", facts => facts.With(new RunAllowed("said so", [], []))),
        ["an author left out"] = ("change.other-authors", facts => facts.WithChange(change => change with { Authors = ["nobody"] })),
        ["a merge tree"] = ("change.other-tree", facts => facts.WithChange(change => change with { MergeTree = new string('d', 40) })
            .With(facts.Find<ImageBuilt>() with { MergeTree = new string('d', 40) })),
        ["the author"] = ("approval.author", facts => facts.WithChange(change => change with { Authors = change.Authors.Add(Reviewer) })),
        ["the team"] = ("change.other-application", facts => facts.WithChange(change => change with
        {
            Application = change.Application with { Team = "others" },
        })),
    };

    private static readonly Dictionary<string, Func<Decision, Decision>> Decisions = new(StringComparer.Ordinal)
    {
        ["deployment"] = decision => decision with { Deployment = "pr/local/acme/shop/9999" },
        ["attempt"] = decision => decision with { Attempt = 2 },
        ["stage"] = decision => decision with { Stage = Stage.StagingPlanReview },
        ["head"] = decision => decision with { Head = new string('d', 40) },
        ["base"] = decision => decision with { Base = new string('d', 40) },
        ["plan"] = decision => decision with { Plan = Other },
        ["image"] = decision => decision with { Image = Other },
        ["environment"] = decision => decision with { Environment = EnvironmentSettings.StagingName },
        ["answer"] = decision => decision with { Approved = false },
    };

    public static TheoryData<string> Moved => [.. Moves.Keys];

    public static TheoryData<string> Decided => [.. Decisions.Keys];

    [Fact]
    public async Task Where_nothing_has_moved_there_is_no_difference() => Assert.Null(await CodeAsync(await FactsAsync()));

    [Theory]
    [MemberData(nameof(Moved))]
    public async Task A_fact_that_has_moved_is_a_difference(string name)
    {
        var facts = await FactsAsync();
        Assert.Null(await CodeAsync(facts));
        Assert.Equal(Moves[name].Code, await CodeAsync(Moves[name].Move(facts)));
    }

    [Theory]
    [MemberData(nameof(Decided))]
    public async Task An_approval_of_anything_else_is_a_difference(string name)
    {
        var facts = await FactsAsync();
        Assert.Equal($"approval.{name}", await CodeAsync(facts.Carried(Sign(Decisions[name](facts.Decision)))));
        Assert.Null(await CodeAsync(facts.Carried(Sign(facts.Decision))));
    }

    [Fact]
    public async Task A_push_to_the_head_is_a_difference_and_so_is_its_end()
    {
        var facts = await FactsAsync();
        var change = facts.Evidence.Assignment.Change;
        silo.Repository.Commit(change.HeadBranch, change.Head, ("readme.md", "not reviewed\n"));
        Assert.Equal("change.head-moved", await CodeAsync(facts));
        silo.Repository.Git("update-ref", "-d", $"refs/heads/{change.HeadBranch}");
        Assert.Equal(Codes.HeadVanished, await CodeAsync(facts));
        silo.Repository.Point(change.HeadBranch, change.Head);
        Assert.Null(await CodeAsync(facts));
    }

    [Fact]
    public async Task A_moved_base_is_a_difference_unless_it_is_this_very_merge_and_custody_lent_for_it_before()
    {
        var facts = await FactsAsync();
        var change = facts.Evidence.Assignment.Change;
        silo.Repository.Commit(change.BaseBranch, change.Base, ("readme.md", "somebody else's\n"));
        Assert.Equal(Codes.BaseMoved, await CodeAsync(facts));
        silo.Repository.Point(change.BaseBranch, change.MergeCommit);
        Assert.Equal(Codes.BaseMoved, await CodeAsync(facts));
        Assert.Null(await CodeAsync(facts, lentBefore: true));
    }

    [Fact]
    public async Task Without_the_outside_nothing_of_it_is_taken_to_hold()
    {
        var facts = await FactsAsync();
        var whole = await CompareAsync(facts);
        var offline = silo.Services.GetRequiredService<LastCheck>().Compare(facts.Evidence, null);
        Assert.Equal(whole.Select(check => check.Name), offline.Select(check => check.Name));
        Assert.All(whole, check => Assert.Equal(CheckResult.Holds, check.Result));
        Assert.Equal(
            ["head", "base", "merge tree", "authors", "application", "rules", "plan kept", "infrastructure state", "rehearsed release", "rehearsal's age",
                "hold", "ledger"],
            offline.Where(check => check.Result == CheckResult.NotRepeated).Select(check => check.Name));
    }

    [Fact]
    public async Task A_forged_approval_is_refused()
    {
        var facts = await FactsAsync();
        using var owner = silo.KeyOf("owner");
        var forged = facts.Carried(Countersign.Text(silo.Keyring, owner, facts.Decision));
        Assert.Equal(MessageRefusal.SignatureCode, await CodeAsync(forged));
    }

    [Fact]
    public async Task Another_ledger_than_the_one_that_was_seen_is_a_difference()
    {
        var facts = await FactsAsync();
        Assert.Null(await CodeAsync(facts));
        var (keys, memory) = (silo.Services.GetRequiredService<CheckpointKeys>(), silo.Services.GetRequiredService<IWitnessMemory>());
        SignedNote seen, other;
        do
        {
            seen = memory.Find(Role.Custody)!;
            // The ledger's own key signed another history, and showed it to this role only.
            other = keys.Sign(keys.Read(seen) with { Root = [.. MerkleTree.LeafHash("another history"u8)] });
        }
        while (!await memory.ReplaceAsync(Role.Custody, seen, other));
        try
        {
            Assert.Equal("ledger.forked", await CodeAsync(facts));
        }
        finally
        {
            Assert.True(await memory.ReplaceAsync(Role.Custody, other, seen));
        }
        Assert.Null(await CodeAsync(facts));
    }

    private async Task<string?> CodeAsync(Facts facts, bool lentBefore = false) => (await CompareAsync(facts, lentBefore)).FirstDifference()?.Code;

    private async Task<ImmutableArray<Check>> CompareAsync(Facts facts, bool lentBefore = false)
    {
        using var scope = CallerScope.As(Role.Custody);
        var outside = await silo.Services.GetRequiredService<FactReader>().ReadAsync(
            facts.Evidence, lentBefore, TestContext.Current.CancellationToken);
        return silo.Services.GetRequiredService<LastCheck>().Compare(facts.Evidence, outside);
    }

    private async Task<Facts> FactsAsync()
    {
        await MakeLiveAsync();
        var change = await silo.PullAsync();
        var now = TimeProvider.System.GetUtcNow();
        var id = change.Deployment();
        await silo.Services.GetRequiredService<IBlobStore>().PutAsync(id, "plan"u8.ToArray(), TestContext.Current.CancellationToken);
        var decision = new Decision(
            id.ToString(), 1, Stage.Approval, change.Head, change.Base, PlanDigest, Image, EnvironmentSettings.ProductionName, Nonce.Fresh(), Reviewer, true,
            null, now, now.AddMinutes(5));
        var run = Sign(decision with { Stage = Stage.AllowRun, Plan = null, Image = null, Environment = null });
        var rehearsed = new RollbackRehearsed(Image, LiveImage, 1, now);
        var evidence = new AttemptEvidence(
            new(id, 1, Stage.Promote, 1, change, now, null, null),
            AttemptProgress.Of(new(1, now, "role:control", change.Head, change.Base, change.MergeTree, Other, 1)), Other, []);
        Proof[] proofs =
        [
            new ChangeReviewed(Verdict.Approve, "a test", false, 1, []), new RunAllowed("allowed by people", [Reviewer], [run]),
            new ImageBuilt(Image, change.MergeTree, 1, 1, true, 1), new TestsPassed(Image, true, 1), new ImageCleared(Image, "a test", 1, []),
            new StagingPlanned(Other, "", 0, [], [], Other), new StagingPlanApproved(Other, "nothing changes", [], []), new StagingHealthy(Image, "r1", 1),
            rehearsed, new ProductionPlanned(PlanDigest, "", 0, [], [], Digest.Of("policies"u8)),
            new ProductionApproved(PlanDigest, Image, [Reviewer], [Sign(decision)], rehearsed), new ProductionProvisioned(PlanDigest, "", 0, 1),
        ];
        return proofs.Aggregate(new Facts(evidence, decision), (facts, proof) => facts.With(proof));
    }

    private static Digest LiveImage { get; } = Digest.Of("live"u8);

    private string Sign(Decision decision)
    {
        using var key = silo.KeyOf(Reviewer);
        return Countersign.Text(silo.Keyring, key, decision);
    }

    private async Task MakeLiveAsync()
    {
        await Once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            using var scope = CallerScope.As(Role.Deployment);
            var production = silo.Grains.GetGrain<IEnvironmentGrain>($"env/{silo.Repository.Application.Name}/{EnvironmentSettings.ProductionName}");
            if ((await production.GetAsync()).Live is not null)
            {
                return;
            }
            await silo.EnrolAsync(Reviewer, [Role.Viewer, Role.Reviewer]);
            const string holder = "pr/local/acme/shop/8888/a1";
            var grant = await production.AcquireAsync(holder);
            await production.BeginAsync(grant.Token, new(
                "", $"{holder}/Promote", "pr/local/acme/shop/8888", 1, LiveImage, new string('a', 40), new(["run"], "PORT", []),
                TimeProvider.System.GetUtcNow()));
            await production.CompleteAsync(grant.Token, $"{holder}/Promote");
            await production.ReleaseAsync(holder);
        }
        finally
        {
            Once.Release();
        }
    }

    private sealed record Facts(AttemptEvidence Evidence, Decision Decision)
    {
        public RollbackRehearsed Rehearsed => Find<RollbackRehearsed>();

        public ProductionPlanned Planned => Find<ProductionPlanned>();

        public ProductionApproved Approved => Find<ProductionApproved>();

        public TProof Find<TProof>()
            where TProof : Proof => Evidence.Find<TProof>()!;

        /// <summary>The same with this proof in the place of the one of its kind.</summary>
        public Facts With(Proof proof)
        {
            var stage = Plan.Version1.Rows.First(row => row.Proves == proof.GetType()).Stage;
            var statement = new ReadStatement(stage, "role:test", Other, TimeProvider.System.GetUtcNow(), proof, null);
            return this with { Evidence = Evidence with { Statements = [.. Evidence.Statements.Where(other => other.Stage != stage), statement] } };
        }

        public Facts Planning(Digest plan) => With(Planned with { Plan = plan }).With(Approved with { Plan = plan })
            .With(new ProductionProvisioned(plan, "", 0, 1));

        public Facts RehearsedBefore(TimeSpan age) => With(Rehearsed with { At = Rehearsed.At - age });

        public Facts WithChange(Func<ChangeOpened, ChangeOpened> change) => this with
        {
            Evidence = Evidence with { Assignment = Evidence.Assignment with { Change = change(Evidence.Assignment.Change) } },
        };

        public Facts Carried(string approval) => With(Approved with { Approvals = [approval] });
    }
}
