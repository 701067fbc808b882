using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Approvals;

/// <summary>Which signed decisions count, with real keys and a real roster.</summary>
public sealed class ApprovalCheckTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Digest Plan = Digest.Of("plan"u8);
    private static readonly Digest Image = Digest.Of("image"u8);

    private readonly Folder _folder = new();
    private RosterFile _roster = null!;
    private FileKeyring _keyring = null!;
    private ApprovalCheck _check = null!;

    public static TheoryData<string> Fields => ["deployment", "attempt", "stage", "head", "base", "plan", "image", "environment", "nonce"];

    public static TheoryData<string> ReleaseFields => ["deployment", "attempt", "stage", "head", "base", "plan", "image", "answer"];

    public async ValueTask InitializeAsync()
    {
        new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control, Role.Gateway]);
        var enrolment = new Enrolment(_folder.Keys, _folder.RosterPath);
        foreach (var (name, role, team) in new[] { ("rita", Role.Reviewer, "crew"), ("rob", Role.Reviewer, "crew"), ("vic", Role.Viewer,
            "crew"), ("olga", Role.Reviewer, "other") })
        {
            await enrolment.EnrolAsync(name, [$"{name}@example.com"], [role], [team], _folder.Personal,
                TestContext.Current.CancellationToken);
        }
        var root = KeyRegistry.RootOf(_folder.Keys);
        _roster = new RosterFile(_folder.RosterPath, root, TimeProvider.System, NullLogger<RosterFile>.Instance);
        _keyring = FileKeyring.Open(_folder.Keys, root, [Role.Control, Role.Gateway], _roster);
        _check = new ApprovalCheck(_keyring, _roster);
    }

    public ValueTask DisposeAsync()
    {
        _keyring.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void A_decision_on_what_was_asked_counts() => Assert.Null(Fault(Decided()));

    [Theory, MemberData(nameof(Fields))]
    public void A_decision_on_anything_else_is_refused(string field)
    {
        var other = Altered(Decided(), field);
        Assert.Equal($"approval.{field}", Fault(other));
        // Were the field not compared, as where the question has the same value, the attack would pass.
        Assert.Null(_check.FindFault(Request(other), other, "crew", Now)?.Code);
    }

    [Theory]
    [InlineData("rita")]
    [InlineData("RITA")]
    [InlineData("rita@example.com")]
    [InlineData("Rita@Example.COM")]
    public void Nobody_decides_on_their_own_change(string author)
    {
        Assert.Equal("approval.author", _check.FindFault(Request(Decided()) with { Authors = ["somebody", author] }, Decided(), "crew",
            Now)?.Code);
        Assert.Null(_check.FindFault(Request(Decided()) with { Authors = ["somebody"] }, Decided(), "crew", Now));
    }

    [Theory]
    [InlineData("nobody", "approval.not-reviewer")]
    [InlineData("vic", "approval.not-reviewer")]
    [InlineData("olga", "approval.other-team")]
    public void Only_reviewers_of_the_team_decide(string person, string code)
    {
        Assert.Equal(code, Fault(Decided(person)));
        Assert.Null(new ApprovalCheck(_keyring, new Everybody()).FindFault(Request(Decided()), Decided(person), "crew", Now));
    }

    [Fact]
    public void A_decision_counts_for_a_quarter_of_an_hour()
    {
        Assert.Equal("approval.expired", Fault(Decided() with { Expires = Now.AddSeconds(-1), IssuedAt = Now.AddMinutes(-5) }));
        Assert.Equal("approval.expired", Fault(Decided() with { IssuedAt = Now.AddMinutes(1) }));
        Assert.Equal("approval.expired", Fault(Decided() with { Expires = Now.AddMinutes(16) }));
        Assert.Null(Fault(Decided() with { IssuedAt = Now.AddSeconds(20), Expires = Now.AddMinutes(15) }));
    }

    [Fact]
    public void A_person_approves_once() =>
        Assert.Equal("approval.given", _check.FindFault(Request(Decided()) with { Given = ["rita"] }, Decided(), "crew", Now)?.Code);

    [Fact]
    public void Only_the_persons_own_key_signs_for_the_person()
    {
        using var rob = _folder.KeyOf("rob");
        var forged = Countersign.Of(_keyring, PersonSigner.Sign(rob, Decided("rita")), Decided("rita"));
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => _check.Open(forged)));
        Assert.Equal("rita", new ApprovalCheck(new BelievingKeyring(), _roster).Open(forged).Person);
    }

    [Fact]
    public void A_release_with_its_approvals_may_go() => Assert.Null(ReleaseFault(1, Signed(Decided())));

    [Theory, MemberData(nameof(ReleaseFields))]
    public void A_release_is_not_carried_by_an_approval_of_anything_else(string field) =>
        Assert.Equal($"approval.{field}", ReleaseFault(1, Signed(Altered(Decided(), field)))?.Code);

    [Theory]
    [InlineData("vic", "approval.not-reviewer")]
    [InlineData("olga", "approval.other-team")]
    public void A_release_is_not_carried_by_just_anybody(string person, string code) =>
        Assert.Equal(code, ReleaseFault(1, Signed(Decided(person)))?.Code);

    [Fact]
    public void A_release_needs_as_many_different_people_as_it_was_given()
    {
        Assert.Equal("approval.too-few", ReleaseFault(1)?.Code);
        Assert.Equal("approval.too-few", ReleaseFault(2, Signed(Decided()))?.Code);
        Assert.Equal("approval.too-few", ReleaseFault(2, Signed(Decided()), Signed(Decided() with { Comment = "again" }))?.Code);
        Assert.Null(ReleaseFault(2, Signed(Decided()), Signed(Decided("rob"))));
        Assert.Equal("approval.too-few", ReleaseFault(0)?.Code);
    }

    [Fact]
    public void Two_names_with_one_key_are_one_approver()
    {
        var twins = new Twins(_roster);
        using var keyring = FileKeyring.Open(_folder.Keys, KeyRegistry.RootOf(_folder.Keys), [Role.Control, Role.Gateway], twins);
        using var rita = _folder.KeyOf("rita");
        string[] approvals = [Signed(Decided()), Countersign.Text(_keyring, rita, Decided("rob"))];
        Assert.Equal("approval.too-few", new ApprovalCheck(keyring, twins).FindFault(Assigned(2), Planned(null), Approved(approvals))?.Code);
        // Were names counted and not keys, as where the roster gives the two a key each, the attack would pass.
        Assert.Null(new ApprovalCheck(keyring, _roster).FindFault(Assigned(2), Planned(null), Approved(approvals)));
    }

    [Theory]
    [InlineData("team", "approval.other-team")]
    [InlineData("role", "approval.not-reviewer")]
    [InlineData("identity", "approval.author")]
    public async Task An_approval_counts_by_the_roster_of_the_release_and_not_by_that_of_the_approval(string lost, string code)
    {
        var approval = Signed(Decided());
        Assert.Null(ReleaseFault(1, approval));
        var enrolment = new Enrolment(_folder.Keys, _folder.RosterPath);
        await enrolment.EnrolAsync("author", [], [Role.Author], [], _folder.Personal, TestContext.Current.CancellationToken);
        await enrolment.EnrolAsync(
            "rita", null, lost == "role" ? [Role.Viewer] : null, lost == "team" ? ["other"] : null, lost == "identity" ? "author" : null, _folder.Personal,
            TestContext.Current.CancellationToken);
        Assert.Equal(code, ReleaseFault(1, approval)?.Code);
        // By what was known when rita approved it would be released.
        Assert.Null(new ApprovalCheck(_keyring, new Everybody()).FindFault(Assigned(1), Planned(null), Approved(approval)));
    }

    [Fact]
    public void A_plan_that_destroys_or_touches_an_endpoint_needs_one_person_more()
    {
        PlannedChange[] risky = [new(PlannedAction.Delete, "file.a", false, ""), new(PlannedAction.Replace, "file.a", false, ""),
            new(PlannedAction.Update, "port.a", true, "")];
        Assert.All(risky, change =>
        {
            Assert.Equal("approval.too-few", ReleaseFault(1, change, Signed(Decided()))?.Code);
            Assert.Null(ReleaseFault(1, change, Signed(Decided()), Signed(Decided("rob"))));
        });
    }

    [Fact]
    public void An_approval_in_a_release_is_verified_again()
    {
        using var rob = _folder.KeyOf("rob");
        var forged = Countersign.Text(_keyring, rob, Decided("rita"));
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => ReleaseFault(1, forged)));
        Assert.Null(new ApprovalCheck(new BelievingKeyring(), _roster).FindFault(Assigned(1), Planned(null), Approved(forged)));
    }

    [Fact]
    public void Code_that_people_must_allow_is_run_only_with_their_signed_approval()
    {
        var terms = Decided() with { Stage = Stage.AllowRun, Plan = null, Image = null, Environment = null };
        Assert.Null(RunFault(Verdict.Comment, Signed(terms)));
        Assert.Equal("approval.too-few", RunFault(Verdict.Comment));
        Assert.Equal("approval.stage", RunFault(Verdict.Comment, Signed(terms with { Stage = Stage.Approval })));
        Assert.Equal("approval.environment", RunFault(Verdict.Comment, Signed(terms with { Environment = "production" })));
        Assert.Equal("approval.head", RunFault(Verdict.Comment, Signed(terms with { Head = "d" })));
        // Where nobody has to be asked there is nobody's approval to be seen.
        Assert.Null(RunFault(Verdict.Approve));
        using var rob = _folder.KeyOf("rob");
        var forged = Countersign.Text(_keyring, rob, terms);
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => RunFault(Verdict.Comment, forged)));
        Assert.Null(new ApprovalCheck(new BelievingKeyring(), _roster).FindFault(Assigned(1), Reviewed(Verdict.Comment), new("", [], [forged])));
    }

    private string? RunFault(Verdict verdict, params string[] approvals) =>
        _check.FindFault(Assigned(1), Reviewed(verdict), new RunAllowed("allowed by people", ["rita"], [.. approvals]))?.Code;

    private static ChangeReviewed Reviewed(Verdict verdict) => new(verdict, "offline", false, 1, []);

    private static Decision Decided(string person = "rita") => new(
        "pr/local/acme/shop/1", 1, Stage.Approval, new string('a', 40), new string('b', 40), Plan, Image, "production",
            "nonce-nonce-nonce-1", person, true, null,
        Now, Now.AddMinutes(5));

    private static Decision Altered(Decision decision, string field) => field switch
    {
        "deployment" => decision with { Deployment = "pr/local/acme/shop/2" },
        "attempt" => decision with { Attempt = 2 },
        "stage" => decision with { Stage = Stage.StagingPlanReview },
        "head" => decision with { Head = new string('d', 40) },
        "base" => decision with { Base = new string('d', 40) },
        "plan" => decision with { Plan = Image },
        "image" => decision with { Image = Plan },
        "environment" => decision with { Environment = "staging" },
        "nonce" => decision with { Nonce = "nonce-nonce-nonce-2" },
        _ => decision with { Approved = false },
    };

    private static ApprovalRequest Request(Decision asked) => new(
        asked.Deployment, asked.Attempt, asked.Stage, 1, asked.Head, asked.Base, asked.Plan, asked.Image, asked.Environment, asked.Nonce,
            Now, Now.AddHours(24), 1, [],
        ["author"], "?", [], []);

    private string? Fault(Decision decision) => _check.FindFault(Request(Decided()), decision, "crew", Now)?.Code;

    private string Signed(Decision decision)
    {
        using var key = _folder.KeyOf(decision.Person);
        return Countersign.Text(_keyring, key, decision);
    }

    private Reason? ReleaseFault(int needed, params string[] approvals) => ReleaseFault(needed, null, approvals);

    private Reason? ReleaseFault(int needed, PlannedChange? change, params string[] approvals) =>
        _check.FindFault(Assigned(needed), Planned(change), Approved(approvals));

    private static ProductionPlanned Planned(PlannedChange? change) =>
        new(Plan, "lineage", 1, change is null ? [] : [change], ImmutableArray<string>.Empty, Digest.Of("policies"u8));

    private static ProductionApproved Approved(params string[] approvals) =>
        new(Plan, Image, [], [.. approvals], new(Image, null, 1, Now));

    private static Assignment Assigned(int needed)
    {
        var application = new Application("shop", "local", "acme", "/shop", "crew", "local", new("staging", 5000, 1), new("production",
            5001, needed));
        var change = new ChangeOpened(
            application, 1, "title", "change", "main", new string('a', 40), new string('b', 40), new string('c', 40), new string('e',
                40), "author", ["author"], true, []);
        return new(DeploymentId.Of("local", "acme", "shop", 1), 1, Stage.Promote, 1, change, Now, null, null);
    }

    /// <summary>A roster in which rob has rita's key.</summary>
    private sealed class Twins(IDirectory roster) : IDirectory
    {
        public Person? Find(string id) => id == "rob" ? roster.Find("rob")! with { PublicKey = roster.Find("rita")!.PublicKey } : roster.Find(id);

        public Person? FindByEmail(string email) => roster.FindByEmail(email);

        public Person? FindByAccount(string account) => roster.FindByAccount(account);

        public ImmutableArray<Person> AccountsOf(string id) => LinkedAccounts.Of(id, [Find("rita")!, Find("rob")!]);
    }

    /// <summary>A roster in which everybody reviews for the team.</summary>
    private sealed class Everybody : IDirectory
    {
        public Person? Find(string id) => new(id, [], [Role.Reviewer], ["crew"], "", null, []);

        public Person? FindByEmail(string email) => Find(email);

        public Person? FindByAccount(string account) => null;

        public ImmutableArray<Person> AccountsOf(string id) => [Find(id)!];
    }
}
