using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Approvals;

/// <summary>When the glass is broken and when it is whole, with real keys and a real roster: at the desk, and again where it is used.</summary>
public sealed class GlassCheckTests(GlassPeople people) : IClassFixture<GlassPeople>
{
    private static readonly Dictionary<string, Func<GlassBreak, GlassBreak>> Others = new(StringComparer.Ordinal)
    {
        ["deployment"] = word => word with { Deployment = "pr/local/acme/shop/2" },
        ["attempt"] = word => word with { Attempt = 2 },
        ["stage"] = word => word with { Stage = Stage.StagingPlanReview },
        ["head"] = word => word with { Head = new string('d', 40) },
        ["base"] = word => word with { Base = new string('d', 40) },
        ["plan"] = word => word with { Plan = GlassPeople.Image },
        ["image"] = word => word with { Image = GlassPeople.Plan },
        ["environment"] = word => word with { Environment = "staging" },
        ["nonce"] = word => word with { Nonce = "nonce-nonce-nonce-2" },
    };

    private static GlassBreak First => GlassPeople.Word();

    private static GlassBreak Second => GlassPeople.Word(GlassPeople.Sue) with { IssuedAt = GlassPeople.Now.AddMinutes(2) };

    public static TheoryData<string> Fields => [.. Others.Keys];

    public static TheoryData<string> UsedFields => [.. Others.Keys.Where(name => name != "nonce")];

    [Fact]
    public void Two_people_who_sign_the_same_break_the_glass()
    {
        Assert.Null(Desk(null, First));
        Assert.Null(Desk(First, Second));
        Assert.Null(Used(First, Second));
    }

    [Theory, MemberData(nameof(Fields))]
    public void It_is_broken_for_nothing_but_what_was_asked_about(string field)
    {
        var other = Others[field](First);
        Assert.Equal($"glass.{field}", Desk(null, other));
        // Where the question is just that, the same word counts.
        Assert.Null(people.Check.FindFault(GlassPeople.Question(other), null, other, GlassPeople.Now));
    }

    [Theory, MemberData(nameof(UsedFields))]
    public void It_is_used_for_nothing_but_what_was_asked_about(string field) =>
        Assert.Equal($"glass.{field}", Used(Others[field](First), Others[field](Second)));

    [Fact]
    public void Whether_code_may_be_run_is_never_answered_so()
    {
        GlassBreak About(GlassBreak word, Stage stage) => word with { Stage = stage, Plan = null, Image = null };
        string? At(Stage stage) =>
            people.Check.FindFault(GlassPeople.Question(About(First, stage)), null, About(First, stage), GlassPeople.Now)?.Code;
        Assert.Equal("glass.stage", At(Stage.AllowRun));
        Assert.Equal((null, null), (At(Stage.StagingPlanReview), At(Stage.Approval)));
        // A run that was allowed so has no place for it: only decisions are counted there.
        var run = new RunAllowed("allowed by people", [], [people.Signed(About(First, Stage.AllowRun)), people.Signed(About(Second, Stage.AllowRun))]);
        var reviewed = new ChangeReviewed(Verdict.Comment, "offline", false, 1, []);
        Assert.Equal(
            MessageRefusal.TypeCode, Refused.By(() => new ApprovalCheck(people.Keyring, people.Roster).FindFault(Assigned(), reviewed, run)));
    }

    [Theory]
    [InlineData(0, "glass.reason"), InlineData(501, "glass.reason"), InlineData(1, null), InlineData(500, null)]
    public void It_needs_a_reason_that_can_be_read(int length, string? code)
    {
        var reason = new string('x', length);
        Assert.Equal(code, Desk(null, First with { Reason = reason }));
        Assert.Equal(code, Used(First with { Reason = reason }, Second with { Reason = reason }));
        Assert.Equal("glass.reason", Desk(null, First with { Reason = $"  {Environment.NewLine}" }));
    }

    [Theory]
    [InlineData(61, "glass.time"), InlineData(0, "glass.time"), InlineData(-1, "glass.time"), InlineData(60, null), InlineData(5, null)]
    public void It_is_broken_for_an_hour_at_most(int minutes, string? code)
    {
        var until = GlassPeople.Now.AddMinutes(minutes);
        Assert.Equal(code, Desk(null, First with { Until = until }));
        Assert.Equal(code, Used(First with { Until = until }, Second with { Until = until }));
    }

    [Fact]
    public void It_is_used_in_its_time_or_not_at_all()
    {
        Assert.Null(GlassCheck.UseFault(First, First.Until));
        Assert.Equal("glass.expired", GlassCheck.UseFault(First, First.Until.AddTicks(1))?.Code);
        var late = First.Until.AddMinutes(1);
        var second = Second with { IssuedAt = late.AddMinutes(-2), Expires = late.AddMinutes(5) };
        Assert.Equal("glass.expired", people.Check.FindFault(GlassPeople.Question(First), First, second, late)?.Code);
        Assert.Null(people.Check.FindFault(GlassPeople.Question(First), First, second, late.AddMinutes(-1)));
        Assert.Equal("glass.differs", Used(First, second with { IssuedAt = late }));
        Assert.Equal("approval.expired", people.Check.FindFault(GlassPeople.Question(First), null, First, First.Expires.AddSeconds(1))?.Code);
    }

    [Theory]
    [InlineData("rita", false), InlineData("nobody", false), InlineData("sue", false), InlineData("sam", true), InlineData("ada", true)]
    public void Only_people_who_answer_for_production_ask_for_it(string person, bool may)
    {
        var word = First with { Person = person };
        Assert.Equal(may ? null : "glass.role", Desk(null, word));
        // Where everybody answers for production, anybody may.
        Assert.Null(new GlassCheck(people.Keyring, new AnybodysRoster()).FindFault(GlassPeople.Question(First), null, word, GlassPeople.Now));
    }

    [Theory]
    [InlineData("rita", false), InlineData("nobody", false), InlineData("sue", true), InlineData("ada", true)]
    public void Only_people_who_answer_for_production_or_security_are_the_second(string person, bool may)
    {
        Assert.Equal(may ? null : "glass.role", Desk(First, Second with { Person = person }));
        if (person != "nobody")
        {
            Assert.Equal(may ? null : "glass.role", Used(First, Second with { Person = person }));
        }
    }

    [Theory]
    [InlineData("sam"), InlineData("SAM"), InlineData("sam@example.com"), InlineData("sam-by-night"), InlineData("sam-by-night@example.com"), InlineData("sue")]
    public void None_of_the_two_has_worked_on_the_change(string author)
    {
        var (first, second) = author == "sue" ? (null, "glass.author") : ("glass.author", (string?)null);
        var (question, now) = (GlassPeople.Question(First, "ann", author), GlassPeople.Now.AddMinutes(2));
        Assert.Equal(first, people.Check.FindFault(question, null, First, now)?.Code);
        Assert.Equal(second, people.Check.FindFault(question, First, Second, now)?.Code);
        Assert.Equal("glass.author", Used(people.Check, "ann", author));
        Assert.Null(Used(people.Check, "ann"));
    }

    [Fact]
    public void A_person_is_not_two()
    {
        Assert.Equal("glass.one-person", Desk(First, First));
        Assert.Equal("glass.one-person", Used(First, First));
    }

    [Fact]
    public void Two_accounts_of_one_person_are_not_two()
    {
        var night = First with { Person = "sam-by-night" };
        Assert.Equal("glass.one-person", Desk(First, night));
        Assert.Equal("glass.one-person", Used(First, night));
        // Were the accounts not linked, one human being would break the glass alone.
        var unlinked = new GlassCheck(people.Keyring, new AnybodysRoster());
        Assert.Null(unlinked.FindFault(GlassPeople.Question(First), First, night, GlassPeople.Now));
        Assert.Null(unlinked.FindFault(
            Assigned(), Stage.Approval, GlassPeople.Plan, GlassPeople.Image, [people.Signed(First), people.Signed(night)]));
    }

    [Fact]
    public void Two_names_with_one_key_are_not_two()
    {
        var twins = new RosterWith(people.Roster, "ada", ada => ada with { PublicKey = people.Roster.Find(GlassPeople.Sam)!.PublicKey });
        using var keyring = people.Open(twins);
        using var sam = people.KeyOf(GlassPeople.Sam);
        var ada = GlassPeople.Word("ada");
        ImmutableArray<string> glass = [people.Signed(First), Countersign.Text(people.Keyring, sam, ada)];
        Assert.Equal(
            "glass.one-person",
            new GlassCheck(keyring, twins).FindFault(Assigned(), Stage.Approval, GlassPeople.Plan, GlassPeople.Image, glass)?.Code);
        // By the key alone, without regard to whose it is, they would be two.
        Assert.Null(new GlassCheck(keyring, people.Roster).FindFault(Assigned(), Stage.Approval, GlassPeople.Plan, GlassPeople.Image, glass));
    }

    [Fact]
    public void Both_sign_the_same()
    {
        Assert.Equal("glass.differs", Desk(First, Second with { Reason = "something else" }));
        Assert.Equal("glass.differs", Desk(First, Second with { Until = Second.Until.AddMinutes(10) }));
        foreach (var (field, other) in Others.Select(other => (other.Key, other.Value)))
        {
            Assert.True(Used(First, other(Second)) == "glass.differs", field);
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(3)]
    public void It_is_two_signatures_and_no_other_number(int count)
    {
        ImmutableArray<string> glass = [.. new[] { First, Second, GlassPeople.Word("ada") }.Take(count).Select(people.Signed)];
        Assert.Equal("glass.two", Refused.By(() =>
            people.Check.FindFault(Assigned(), Stage.Approval, GlassPeople.Plan, GlassPeople.Image, glass)));
        var approvals = new ApprovalCheck(people.Keyring, people.Roster);
        Assert.Equal(count == 0 ? null : "glass.two", Refused.By(() => approvals.FindFault(glass, GlassPeople.Now)));
        Assert.Null(Used(First, Second));
    }

    [Fact]
    public void A_release_names_who_broke_the_glass()
    {
        var approvals = new ApprovalCheck(people.Keyring, people.Roster);
        var planned = new ProductionPlanned(GlassPeople.Plan, "lineage", 1, [], [], Digest.Of("policies"u8));
        ProductionApproved By(params string[] by) => new(
            GlassPeople.Plan, GlassPeople.Image, [.. by], [], new(GlassPeople.Image, null, 1, GlassPeople.Now))
        {
            Glass = [people.Signed(First), people.Signed(Second)],
        };
        Assert.Null(approvals.FindFault(Assigned(), planned, By(First.Person, Second.Person)));
        Assert.Equal("glass.people", approvals.FindFault(Assigned(), planned, By("rita", "ada"))?.Code);
        Assert.Equal("glass.people", approvals.FindFault(Assigned(), planned, By())?.Code);
    }

    [Fact]
    public void Glass_that_was_broken_for_another_change_passes_no_hold_of_staging_where_no_plan_needed_people()
    {
        var approvals = new ApprovalCheck(people.Keyring, people.Roster);
        var planned = new StagingPlanned(GlassPeople.Plan, "lineage", 1, [], [], Digest.Of("policies"u8));
        var approved = new StagingPlanApproved(GlassPeople.Plan, "nothing changes", [], []);
        Assert.Null(approvals.FindFault(Assigned(), planned, approved));
        string? With(Func<GlassBreak, GlassBreak> change) => approvals.FindFault(Assigned(), planned, approved with
        {
            By = [First.Person, Second.Person],
            Glass = [people.Signed(change(First)), people.Signed(change(Second))],
        })?.Code;
        GlassBreak OfStaging(GlassBreak word) => word with { Stage = Stage.StagingPlanReview, Image = null, Environment = "staging" };
        Assert.Equal("glass.deployment", With(word => OfStaging(word) with { Deployment = "pr/local/acme/shop/2" }));
        Assert.Null(With(OfStaging));
    }

    [Fact]
    public void A_word_without_the_gateways_signature_is_not_read()
    {
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => people.Check.Open(people.Bare(First))));
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => Used([JsonSerializer.Serialize(people.Bare(First)), people.Signed(Second)])));
        Assert.Null(Used(First, Second));
    }

    [Fact]
    public void The_gateways_signature_alone_is_nobodys_word()
    {
        var own = Statements.Sign(
            people.Keyring, Role.Gateway, GlassBreak.PredicateType, [Subject.OfCommit(First.Deployment, First.Head)], First);
        var forged = Countersign.Text(people.Keyring, own, First);
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => Used([forged, people.Signed(Second)])));
        // Were signatures not verified, the gateway would break the glass alone.
        Assert.Null(new GlassCheck(new BelievingKeyring(), people.Roster).FindFault(
            Assigned(), Stage.Approval, GlassPeople.Plan, GlassPeople.Image, [forged, people.Signed(Second)]));
    }

    private string? Desk(GlassBreak? first, GlassBreak word) =>
        people.Check.FindFault(GlassPeople.Question(First), first, word, GlassPeople.Now.AddMinutes(2))?.Code;

    private string? Used(GlassBreak first, GlassBreak second) => Used([people.Signed(first), people.Signed(second)]);

    private string? Used(ImmutableArray<string> glass) =>
        people.Check.FindFault(Assigned(), Stage.Approval, GlassPeople.Plan, GlassPeople.Image, glass)?.Code;

    private string? Used(GlassCheck check, params string[] authors) => check.FindFault(
        Assigned(authors), Stage.Approval, GlassPeople.Plan, GlassPeople.Image, [people.Signed(First), people.Signed(Second)])?.Code;

    private static Assignment Assigned(params string[] authors)
    {
        var application = new Application(
            "shop", "local", "acme", "/shop", "crew", "local", new("staging", 5000, 1), new("production", 5001, 1));
        var change = new ChangeOpened(
            application, 1, "title", "change", "main", new string('a', 40), new string('b', 40), new string('c', 40), new string('e', 40), "ann",
            [.. authors], true, []);
        return new(DeploymentId.Of("local", "acme", "shop", 1), 1, Stage.Promote, 1, change, GlassPeople.Now, null, null);
    }
}
