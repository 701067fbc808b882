using Maestro.Applications;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Approvals;

/// <summary>What people bring to the desk of a real silo and what does not count: refused by its code, in the ledger, and in the log with the reason.</summary>
public sealed class DeskAttackTests(CustodySilo custody) : IClassFixture<CustodySilo>
{
    /// <summary>Another name for the reviewer's key.</summary>
    private const string Twin = "rita-again";

    private static readonly (string Code, Func<Decision, Decision> Change)[] Foreign =
    [
        ("approval.unknown", decision => decision with { Nonce = Messages.Nonce.Fresh() }),
        ("approval.deployment", decision => decision with { Deployment = "pr/local/acme/shop/9999" }),
        ("approval.attempt", decision => decision with { Attempt = 7 }),
        ("approval.stage", decision => decision with { Stage = Stage.Approval }),
        ("approval.head", decision => decision with { Head = new('f', 40) }),
        ("approval.expired", decision => decision with { IssuedAt = decision.IssuedAt.AddHours(-1), Expires = decision.IssuedAt.AddMinutes(-50) }),
    ];

    private readonly GlassDelivery _delivery = new(custody);

    [Fact]
    public async Task A_decision_that_is_stale_or_about_something_else_does_not_count()
    {
        var (_, question) = await _delivery.AskedAsync(Stage.AllowRun, ("readme.md", "asked\n"));
        var decision = Answer(question, CustodySilo.Reviewer);
        foreach (var (code, change) in Foreign)
        {
            await IsRefusedAsync(code, change(decision));
        }
        Assert.Null(await DecideAsync(decision));
    }

    [Fact]
    public async Task One_key_under_two_names_is_one_person()
    {
        await custody.Silo.TwinAsync(CustodySilo.Reviewer, Twin);
        await RegisterAsync(Twice(custody.Silo.Repository.Application));
        var (id, question) = await _delivery.AskedAsync(("readme.md", "two\n"));
        Assert.Equal("1 more must approve", await DecideAsync(Answer(question, CustodySilo.Reviewer)));

        await IsRefusedAsync("approval.given", Answer(question, Twin));

        Assert.Equal([CustodySilo.Reviewer], (await _delivery.QuestionAsync(id))!.Given);
        // A person with another key is all that was missing.
        Assert.Null(await DecideAsync(Answer(question, CustodySilo.Second)));
        var view = await _delivery.ClosedAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, Delivery.TestDelivery.Describe(view));
    }

    [Fact]
    public async Task One_key_under_two_names_gets_no_credential_whatever_the_desk_says()
    {
        await custody.Silo.TwinAsync(CustodySilo.Reviewer, Twin);
        await RegisterAsync(Twice(custody.Silo.Repository.Application));
        var (one, two) = (await ApprovedAsync(Twin), await ApprovedAsync(CustodySilo.Second));

        Assert.Equal("approval.too-few", await custody.AskAsync(one));

        Assert.Equal(["custody.refused approval.too-few"], await custody.ToldAsync(one.Deployment));
        Assert.Null(await custody.AskAsync(two));
    }

    /// <summary>An attempt that two must approve, approved by the reviewer and by somebody else.</summary>
    private async Task<MadeAttempt> ApprovedAsync(string other)
    {
        var made = await MadeAttempt.OfAsync(custody);
        made.Change = made.Change with { Application = Twice(made.Change.Application) };
        return await made.Approve(custody.Sign(made.Decision), custody.Sign(made.Decision with { Person = other })).WriteAsync();
    }

    private Task RegisterAsync(Application application) => custody.Silo.Owner.Grain<IApplicationsGrain>("applications/all").AddAsync(application);

    private static Application Twice(Application application) => application with { Production = application.Production with { Approvals = 2 } };

    private static Decision Answer(ApprovalRequest question, string person) => Delivery.TestDelivery.Answer(question, approved: true, person);

    private async Task<string?> DecideAsync(Decision decision)
    {
        await using var person = await custody.Silo.ConnectAsync(decision.Person);
        using var key = custody.Silo.KeyOf(decision.Person);
        return await person.Grain<IGatewayGrain>("gateway/local").DecideAsync(
            custody.Silo.Repository.Application.Team, PersonSigner.Sign(key, decision));
    }

    private async Task IsRefusedAsync(string code, Decision decision)
    {
        Assert.Equal(code, (await Refused.ByAsync(() => DecideAsync(decision)))?.Reason.Code);
        Assert.Single(await custody.Silo.SubjectAsync(_delivery.DeskKey), fact => fact.Kind == "approval.refused"
            && fact.OnBehalfOf == decision.Person && fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal));
        Assert.Equal(1, custody.Silo.Log.Count("approval.refused", _delivery.DeskKey, decision.Person, code, "Expected: ", "Found: "));
    }
}
