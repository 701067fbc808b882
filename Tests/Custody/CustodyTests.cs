using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Custody;

/// <summary>
/// What custody lends for, over a real log, real statements and real signatures. Each forgery is one change to a sound attempt, is in the ledger
/// by its code, and gets the credential where the one comparison that finds it is left out.
/// </summary>
public sealed class CustodyTests(CustodySilo custody) : IClassFixture<CustodySilo>
{
    private static readonly Dictionary<string, (string Code, string[] Waived, Func<CustodySilo, Task<MadeAttempt>> Make)> Forgeries = new(
        StringComparer.Ordinal)
    {
        ["a statement of the review signed by another role"] = ("message.signature", ["statement Review"], Changed(made =>
            made.Signers[Stage.Review] = Role.Build)),
        ["a plan signed by the deployment role"] = ("message.signature", ["statement PlanStaging"], Changed(made =>
            made.Signers[Stage.PlanStaging] = Role.Deployment)),
        ["a test of another attempt"] = ("message.effect", ["statement Test"], Changed(made => made.OfAttempt[Stage.Test] = 7)),
        ["a scan that was kept for an hour"] = ("message.expired", ["statement Scan"], Changed(made =>
            made.Older[Stage.Scan] = TimeSpan.FromHours(1))),
        ["an approval of an earlier attempt"] = ("approval.attempt", ["release approved"], Approved(2, made => made.Decision with { Attempt = 1 })),
        ["an approval of another plan"] = ("approval.plan", ["release approved"], Approved(1, made =>
            made.Decision with { Plan = Digest.Of("another"u8) })),
        ["an approval from before the change"] = ("approval.age", ["approvals' age"], Approved(1, made => made.Decision with
        {
            IssuedAt = made.Decision.IssuedAt.AddHours(-1),
            Expires = made.Decision.IssuedAt.AddHours(-1).AddMinutes(5),
        })),
        ["no approval at all"] = ("approval.too-few", ["release approved"], Changed(made => made.Approve())),
        ["an approval that the control plane made up"] = ("message.signature", ["release approved", "approvals' age"], MadeUpAsync),
        ["an approval around which the control plane signed for the gateway"] = (
            "message.signature", ["release approved", "approvals' age"], InventedAsync),
        ["an approval without the gateway's signature"] = ("message.signature", ["release approved", "approvals' age"], BareAsync),
        ["glass that one person broke"] = ("glass.one-person", ["release approved"], Broken(CustodySilo.Reviewer, CustodySilo.Reviewer)),
        ["glass whose second may not be one"] = ("glass.role", ["release approved"], Broken(CustodySilo.Reviewer, CustodySilo.Second)),
        ["glass that only one signed"] = (
            "glass.two", ["release approved", "approvals' age", "glass"], Broken(CustodySilo.Reviewer)),
        ["an approval that is no envelope"] = ("message.malformed", ["release approved", "approvals' age"], Changed(made => made.Approve("{"))),
        ["an approval by an author"] = ("approval.author", ["release approved"], Changed(made =>
            made.Change = made.Change with { Authors = made.Change.Authors.Add(CustodySilo.Reviewer) })),
        ["an application that needs fewer people than an administrator said"] = ("change.other-application", ["application"], Changed(made =>
            made.Change = made.Change with { Application = Lenient(made.Change.Application) })),
        ["an author who is left out"] = ("change.other-authors", ["authors"], Changed(made => made.Change = made.Change with { Authors = [] })),
        ["a run that nobody allowed"] = ("approval.too-few", ["run allowed"], Changed(made => made.Prove(new RunAllowed("said so", [], [])))),
        ["another image than the one that was built"] = ("image.differs", ["image built"], Changed(made =>
            made.Prove(made.Proof<ImageBuilt>() with { Image = Digest.Of("another"u8) }))),
        ["a back door that the review approved"] = ("custody.finding", ["rules"], silo => MadeAttempt.OfAsync(silo, file: ChainTests.BackDoor)),
    };

    public static TheoryData<string> Forged => [.. Forgeries.Keys];

    [Fact]
    public async Task A_lease_whose_answer_was_lost_is_the_same_when_it_is_asked_for_again()
    {
        var made = await (await MadeAttempt.OfAsync(custody)).WriteAsync();
        using var scope = CallerScope.As(Role.Infrastructure);
        var grant = await custody.ProductionGrain.AcquireAsync(made.Holder);
        var request = new LeaseRequest(made.Deployment, 1, Stage.ProvisionProduction, grant.Token, LeaseWay.Forward);
        var first = await custody.Custody.LeaseAsync(request);
        var again = await custody.Custody.LeaseAsync(request);
        using (CallerScope.As(Role.Deployment))
        {
            await custody.ProductionGrain.ReleaseAsync(made.Holder);
        }
        Assert.Equal(first.Payload, again.Payload);
        Assert.Equal(["custody.leased"], await custody.ToldAsync(made.Deployment));
        var lease = Statements.Open<ProductionLease>(custody.Silo.Keyring, Role.Custody, first, ProductionLease.PredicateType).Predicate;
        Assert.Equal((made.Proof<ProductionPlanned>().Plan, grant.Token, custody.Production.ToString()), (lease.Plan, lease.Token, lease.Environment));
        Assert.InRange(lease.ExpiresAt - lease.IssuedAt, TimeSpan.Zero, ProductionLease.LongestLife);
        var summary = await SummaryAsync(made.Deployment, lease.Verification);
        Assert.Equal((VerificationSummary.Passed, true), (summary.VerificationResult, summary.Checks.All(check => check.Holds)));
        Assert.Equal(12 + 1, summary.InputAttestations.Length);
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task A_forgery_gets_no_credential_and_is_in_the_ledger(string name)
    {
        var (code, waived, make) = Forgeries[name];
        var made = await (await make(custody)).WriteAsync();

        Assert.Equal(code, await custody.AskAsync(made));

        Assert.Equal([$"custody.refused {code}"], await custody.ToldAsync(made.Deployment));
        var again = await (await make(custody)).WriteAsync();
        custody.Waivers.Checks = [.. waived];
        try
        {
            Assert.Null(await custody.AskAsync(again));
        }
        finally
        {
            custody.Waivers.Checks = [];
        }
    }

    [Theory]
    [InlineData("custody.stage", "not begun")]
    [InlineData("custody.stage", "going back")]
    [InlineData("custody.not-back", "back without a reason")]
    [InlineData("lease.token", "another token")]
    [InlineData("custody.caller", "another agent")]
    [InlineData("custody.caller", "a stage that touches nothing")]
    [InlineData("custody.attempt", "no such attempt")]
    public async Task Who_may_not_act_gets_no_credential(string code, string what)
    {
        var made = await MadeAttempt.OfAsync(custody);
        made.Unbegun = what == "not begun";
        made.TokenAhead = what == "another token" ? 1 : 0;
        made = what == "no such attempt" ? made : await made.WriteAsync();
        switch (what)
        {
            case "going back":
                await made.AppendAsync(new LogEntry.CancelRequested(1, TimeProvider.System.GetUtcNow(), "role:control", Codes.Superseded));
                break;
            case "back without a reason":
                (made.Stage, made.Asks, made.Way) = (Stage.Promote, Role.Deployment, LeaseWay.Back);
                break;
            case "another agent":
                made.Asks = Role.Deployment;
                break;
            case "a stage that touches nothing":
                made.Stage = Stage.Build;
                break;
        }

        Assert.Equal(code, await custody.AskAsync(made));

        Assert.Equal([$"custody.refused {code}"], await custody.ToldAsync(made.Deployment));
        Assert.Equal(1, custody.Silo.Log.Count($"{made.Deployment}/", code, "Expected: ", "Found: "));
        // The same without the one thing that was wrong gets it; an attempt that has left the lock does not take it again.
        Assert.Null(await custody.AskAsync(await (await MadeAttempt.OfAsync(custody)).WriteAsync()));
    }

    [Theory]
    [InlineData("role", "approval.not-reviewer")]
    [InlineData("team", "approval.other-team")]
    public async Task Whoever_lost_the_role_or_the_team_since_has_approved_nothing(string lost, string code)
    {
        var person = $"lost-{lost}";
        await custody.Silo.EnrolAsync(person, [Role.Viewer, Role.Reviewer]);
        var (before, after) = (await ApprovedAsync(), await ApprovedAsync());
        // As long as nothing is taken away, the approval carries the release.
        Assert.Null(await custody.AskAsync(before));

        await custody.Silo.EnrolAsync(
            person, lost == "role" ? [Role.Viewer] : [Role.Viewer, Role.Reviewer], lost == "team" ? "others" : null);

        Assert.Equal(code, await custody.AskAsync(after));
        Assert.Equal([$"custody.refused {code}"], await custody.ToldAsync(after.Deployment));

        async Task<MadeAttempt> ApprovedAsync()
        {
            var made = await MadeAttempt.OfAsync(custody);
            return await made.Approve(custody.Sign(made.Decision with { Person = person })).WriteAsync();
        }
    }

    [Fact]
    public async Task Custody_of_one_application_lends_nothing_for_another()
    {
        var made = await (await MadeAttempt.OfAsync(custody)).WriteAsync();
        using var scope = CallerScope.As(Role.Infrastructure);
        var other = custody.Silo.Grains.GetGrain<ICustodyGrain>(Custodian.KeyOf(new("other", EnvironmentSettings.ProductionName)));
        var refused = await Refused.ByAsync(() => other.LeaseAsync(new(made.Deployment, 1, Stage.ProvisionProduction, 1, LeaseWay.Forward)));
        Assert.Equal("lease.environment", refused?.Reason.Code);
        // For its own application the same attempt gets it.
        Assert.Null(await custody.AskAsync(made));
    }

    [Fact]
    public async Task Nobody_else_asks_custody()
    {
        var made = await MadeAttempt.OfAsync(custody);
        var request = new LeaseRequest(made.Deployment, 1, Stage.Promote, 1, LeaseWay.Forward);
        foreach (var role in new[] { Role.Control, Role.Review, Role.Build, Role.Gateway, Role.Desk })
        {
            using var scope = CallerScope.As(role);
            Assert.Equal("call.refused", (await Refused.ByAsync(() => custody.Custody.LeaseAsync(request)))?.Reason.Code);
        }
        await Eventually.IsTrueAsync(async () =>
            (await custody.Silo.SubjectAsync("maestro.ICustodyGrain/LeaseAsync")).Count(fact => fact.Kind == "call.refused") >= 5);

        // The infrastructure agent may ask, and not for the switch to a release: that is the deployment agent's.
        using (CallerScope.As(Role.Infrastructure))
        {
            Assert.Equal("custody.caller", (await Refused.ByAsync(() => custody.Custody.LeaseAsync(request)))?.Reason.Code);
        }
        Assert.Equal(["custody.refused custody.caller"], await custody.ToldAsync(made.Deployment));
        (made.Stage, made.Asks) = (Stage.Promote, Role.Deployment);
        Assert.Null(await custody.AskAsync(await made.Prove(await ProvisionedAsync(made)).WriteAsync()));
    }

    private async Task<ProductionProvisioned> ProvisionedAsync(MadeAttempt made)
    {
        var state = await custody.Silo.Services.GetRequiredService<Outside.IInfrastructure>().ReadAsync(
            custody.Production, TestContext.Current.CancellationToken);
        return new(made.Proof<ProductionPlanned>().Plan, state.Lineage, state.Serial, 1);
    }

    private async Task<VerificationSummary> SummaryAsync(DeploymentId deployment, Digest digest) =>
        await custody.Silo.Services.GetRequiredService<EvidenceFile>().ReadAsync<VerificationSummary>(
            deployment, digest, Role.Custody, VerificationSummary.PredicateType, TestContext.Current.CancellationToken);

    private static async Task<MadeAttempt> MadeUpAsync(CustodySilo silo)
    {
        var made = await MadeAttempt.OfAsync(silo);
        return made.Approve(System.Text.Json.JsonSerializer.Serialize(Statements.Sign(
            silo.Silo.Keyring, Role.Desk, PredicateTypes.Decision, [Subject.Of("x", Digest.Of("x"u8))], made.Decision)));
    }

    // What the person really said, in the words of the gateway, by another key.
    private static async Task<MadeAttempt> InventedAsync(CustodySilo silo)
    {
        var made = await MadeAttempt.OfAsync(silo);
        using var key = silo.Silo.KeyOf(made.Decision.Person);
        return made.Approve(System.Text.Json.JsonSerializer.Serialize(Statements.Sign(
            silo.Silo.Keyring, Role.Control, Approvals.Countersigned.PredicateType, [Subject.Of("x", Digest.Of("x"u8))],
            new Approvals.Countersigned(PersonSigner.Sign(key, made.Decision), made.Decision.Person, "", made.Decision.IssuedAt))));
    }

    private static async Task<MadeAttempt> BareAsync(CustodySilo silo)
    {
        var made = await MadeAttempt.OfAsync(silo);
        using var key = silo.Silo.KeyOf(made.Decision.Person);
        return made.Approve(System.Text.Json.JsonSerializer.Serialize(PersonSigner.Sign(key, made.Decision)));
    }

    private static Func<CustodySilo, Task<MadeAttempt>> Broken(params string[] by) => async silo =>
    {
        var made = await MadeAttempt.OfAsync(silo);
        var asked = made.Decision;
        var word = new Approvals.GlassBreak(
            asked.Deployment, asked.Attempt, asked.Stage, asked.Head, asked.Base, asked.Plan, asked.Image, asked.Environment, asked.Nonce, "down",
            asked.IssuedAt.AddMinutes(30), "", asked.IssuedAt, asked.Expires);
        return made.Prove(made.Proof<ProductionApproved>() with
        {
            By = [.. by],
            Approvals = [],
            Glass = [.. by.Select(person => silo.Sign(word with { Person = person }))],
        });
    };

    private static Application Lenient(Application registered) =>
        registered with { Production = registered.Production with { Approvals = registered.Production.Approvals - 1 } };

    private static Func<CustodySilo, Task<MadeAttempt>> Changed(Action<MadeAttempt> change) => async silo =>
    {
        var made = await MadeAttempt.OfAsync(silo);
        change(made);
        return made;
    };

    private static Func<CustodySilo, Task<MadeAttempt>> Approved(int attempt, Func<MadeAttempt, Approvals.Decision> decide) => async silo =>
    {
        var made = await MadeAttempt.OfAsync(silo, attempt);
        return made.Approve(silo.Sign(decide(made)));
    };
}
