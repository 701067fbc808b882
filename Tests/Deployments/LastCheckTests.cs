using System.Text.Json;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Deployments.Stages;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Deployments;

/// <summary>The last check over a real repository, a real environment and real signatures; one fact is moved at a time.</summary>
public sealed class LastCheckTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    private const string Reviewer = "rita";
    private static readonly Digest Plan = Digest.Of("plan"u8);
    private static readonly Digest Image = Digest.Of("image"u8);
    private static readonly Digest Other = Digest.Of("other"u8);
    private static readonly SemaphoreSlim Once = new(1);

    private static readonly Dictionary<string, (string Code, Func<Facts, Facts> Move)> Moves = new(StringComparer.Ordinal)
    {
        ["the plan that was approved"] = ("plan.differs", facts => facts with { Approved = facts.Approved with { Plan = Other } }),
        ["the plan that was made"] = ("plan.differs", facts => facts with { Planned = facts.Planned with { Plan = Other } }),
        ["the plan that was applied"] = ("plan.differs", facts => facts with { Applied = Other }),
        ["the image that was approved"] = ("image.differs", facts => facts with { Approved = facts.Approved with { Image = Other } }),
        ["the image that was rehearsed"] = ("image.differs", facts => facts with { Rehearsed = facts.Rehearsed with { Image = Other } }),
        ["the live release"] = ("rehearsal.other-release", facts => facts with { Rehearsed = facts.Rehearsed with { Live = Other } }),
        ["no live release"] = ("rehearsal.other-release", facts => facts with { Rehearsed = facts.Rehearsed with { Live = null } }),
        ["the age of the rehearsal"] = ("rehearsal.too-old", facts => facts.RehearsedBefore(TimeSpan.FromHours(24.1))),
        ["a rehearsal of the future"] = ("rehearsal.early", facts => facts.RehearsedBefore(TimeSpan.FromMinutes(-5))),
        ["no approval"] = ("approval.too-few", facts => facts with { Approved = facts.Approved with { Approvals = [] } }),
        ["a plan that destroys"] = ("approval.too-few", facts => facts with
        {
            Planned = facts.Planned with { Changes = [new(PlannedAction.Delete, "file.a", false, "")] },
        }),
        ["the author"] = ("approval.author", facts => facts.WithChange(change => change with { Authors = [Reviewer] })),
        ["the team"] = ("approval.other-team", facts => facts.WithChange(change => change with
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
        var change = facts.Assignment.Change;
        silo.Repository.Commit(change.HeadBranch, change.Head, ("readme.md", "not reviewed\n"));
        Assert.Equal("change.head-moved", await CodeAsync(facts));
        silo.Repository.Git("update-ref", "-d", $"refs/heads/{change.HeadBranch}");
        Assert.Equal(Codes.HeadVanished, await CodeAsync(facts));
        silo.Repository.Point(change.HeadBranch, change.Head);
        Assert.Null(await CodeAsync(facts));
    }

    [Fact]
    public async Task A_moved_base_is_a_difference_unless_it_is_this_very_merge()
    {
        var facts = await FactsAsync();
        var change = facts.Assignment.Change;
        silo.Repository.Commit(change.BaseBranch, change.Base, ("readme.md", "somebody else's\n"));
        Assert.Equal(Codes.BaseMoved, await CodeAsync(facts));
        silo.Repository.Point(change.BaseBranch, change.MergeCommit);
        Assert.Null(await CodeAsync(facts));
    }

    [Fact]
    public async Task A_forged_approval_is_refused()
    {
        var facts = await FactsAsync();
        using var owner = silo.KeyOf("owner");
        var forged = facts.Carried(JsonSerializer.Serialize(PersonSigner.Sign(owner, facts.Decision)));
        Assert.Equal(MessageRefusal.SignatureCode, (await Refused.ByAsync(() => CodeAsync(forged)))?.Reason.Code);
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
            seen = memory.Find(Role.Deployment)!;
            // The ledger's own key signed another history, and showed it to this role only.
            other = keys.Sign(keys.Read(seen) with { Root = [.. MerkleTree.LeafHash("another history"u8)] });
        }
        while (!memory.Replace(Role.Deployment, seen, other));
        try
        {
            Assert.Equal("ledger.forked", await CodeAsync(facts));
        }
        finally
        {
            Assert.True(memory.Replace(Role.Deployment, other, seen));
        }
        Assert.Null(await CodeAsync(facts));
    }

    private async Task<string?> CodeAsync(Facts facts)
    {
        using var scope = CallerScope.As(Role.Deployment);
        return (await silo.Services.GetRequiredService<LastCheck>().FindDifferenceAsync(
            facts.Assignment, facts.Rehearsed, facts.Planned, facts.Approved, facts.Applied, Role.Deployment, TestContext.Current.CancellationToken))?.Code;
    }

    private async Task<Facts> FactsAsync()
    {
        await MakeLiveAsync();
        var change = await silo.PullAsync();
        var now = TimeProvider.System.GetUtcNow();
        var id = change.Deployment();
        var decision = new Decision(
            id.ToString(), 1, Stage.Approval, change.Head, change.Base, Plan, Image, EnvironmentSettings.ProductionName, Nonce.Fresh(), Reviewer, true,
            null, now, now.AddMinutes(5));
        var rehearsed = new RollbackRehearsed(Image, LiveImage, 1, now);
        return new(
            new(id, 1, Stage.Promote, 1, change, now, null, null), rehearsed,
            new(Plan, "lineage", 1, [], [], Digest.Of("policies"u8)), new(Plan, Image, [Reviewer], [Sign(decision)], rehearsed), Plan, decision);
    }

    private static Digest LiveImage { get; } = Digest.Of("live"u8);

    private string Sign(Decision decision)
    {
        using var key = silo.KeyOf(Reviewer);
        return JsonSerializer.Serialize(PersonSigner.Sign(key, decision));
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

    private sealed record Facts(
        Assignment Assignment, RollbackRehearsed Rehearsed, ProductionPlanned Planned, ProductionApproved Approved, Digest Applied, Decision Decision)
    {
        public Facts RehearsedBefore(TimeSpan age) => this with { Rehearsed = Rehearsed with { At = Rehearsed.At - age } };

        public Facts WithChange(Func<ChangeOpened, ChangeOpened> change) =>
            this with { Assignment = Assignment with { Change = change(Assignment.Change) } };

        public Facts Carried(string approval) => this with { Approved = Approved with { Approvals = [approval] } };
    }
}
