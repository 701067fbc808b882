using Maestro.Audit;
using Maestro.Commands;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Custody;

/// <summary>Whole releases past a review agent that approves everything, with valid, timely, correctly signed statements.</summary>
public sealed class ChainTests(CustodySilo custody) : IClassFixture<CustodySilo>
{
    internal static readonly (string Path, string Content) BackDoor = (
        "Login.cs", "public static class Login\n{\n    public static bool Allows(string user, string password)\n    {\n"
        + "        if (password == \"letmein-7731\") { return true; }\n        return false;\n    }\n}\n");

    private static readonly EnvironmentKey Elsewhere = new("shop", "production");

    [Fact]
    public async Task A_back_door_that_the_review_agent_approved_stops_at_custody_and_the_edge_serves_the_old_release()
    {
        var (good, view) = await custody.DeliverAsync(Push(("readme.md", "good\n")));
        Assert.True(view.Outcome == Outcome.Finished, Delivery.TestDelivery.Describe(view));
        var served = await ServedAsync();
        Assert.Equal($"{good}/a1/Promote", served);

        var (bad, stopped) = await custody.DeliverAsync(Push(BackDoor));

        Assert.True(stopped is { Outcome: Outcome.Refused, Code: "custody.finding" }, Delivery.TestDelivery.Describe(stopped));
        Assert.Equal("proved", stopped.Stages.Single(stage => stage.Stage == Stage.Review).Status);
        Assert.Equal(served, await ServedAsync());
        Assert.Contains("custody.refused custody.finding", await custody.ToldAsync(bad));
        Assert.DoesNotContain("custody.leased", await custody.ToldAsync(bad));

        // Without the rerun of the rules the same change is released.
        custody.Waivers.Rules = true;
        try
        {
            var (through, released) = await custody.DeliverAsync(Push(BackDoor));
            Assert.True(released.Outcome == Outcome.Finished, Delivery.TestDelivery.Describe(released));
            Assert.Equal($"{through}/a1/Promote", await ServedAsync());
        }
        finally
        {
            custody.Waivers.Rules = false;
        }
    }

    [Fact]
    public async Task A_deployment_agent_that_skips_its_checks_gets_no_credential_and_the_edge_refuses_it()
    {
        var made = await MadeAttempt.OfAsync(custody);
        (made.Stage, made.Asks, made.Unbegun) = (Stage.Promote, Role.Deployment, true);
        await made.WriteAsync();
        var (before, target) = (await custody.Edge.ReadAsync(Elsewhere, Cancellation), $"{made.Deployment}/a1/Promote");
        Assert.Equal("custody.stage", await custody.AskAsync(made));

        Assert.Equal("lease.missing", await SwitchAsync(before, target, null));
        var now = TimeProvider.System.GetUtcNow();
        var own = new ProductionLease(
            made.Deployment, 1, Stage.Promote, target, Elsewhere.ToString(), Port, LeaseWay.Forward, target, null, before.Token + 1, Digest.Of("x"u8),
            Nonce.Fresh(), now, now + ProductionLease.Life);
        var forged = Statements.Sign(custody.Silo.Keyring, Role.Deployment, ProductionLease.PredicateType, [Subject.Of("x", Digest.Of("x"u8))], own);
        Assert.Equal("message.signature", await SwitchAsync(before, target, forged));
        Assert.Equal(before with { SwitchedAt = null }, await custody.Edge.ReadAsync(Elsewhere, Cancellation) with { SwitchedAt = null });
        Assert.Equal(["custody.refused custody.stage"], await custody.ToldAsync(made.Deployment));
    }

    [Fact]
    public async Task The_way_back_is_lent_for_what_was_live_before_and_is_loud()
    {
        var (_, first) = await custody.DeliverAsync(Push(("readme.md", "before\n")));
        var before = await ServedAsync();
        var (id, view) = await custody.DeliverAsync(Push(("readme.md", "after\n")));
        Assert.Equal((Outcome.Finished, Outcome.Finished), (first.Outcome, view.Outcome));
        Assert.NotEqual(before, await ServedAsync());
        await using var operators = await custody.Silo.ConnectAsync(CustodySilo.Reviewer);

        await operators.Grain<IDeploymentGrain>(id.ToString()).CommandAsync(Command.RollBack, null);

        await Eventually.IsTrueAsync(async () => (await operators.Grain<IDeploymentGrain>(id.ToString()).GetAsync())?.Outcome == Outcome.RolledBack);
        Assert.Equal(before, await ServedAsync());
        Assert.Contains("custody.way-back", await custody.ToldAsync(id));
    }

    [Fact]
    public async Task An_auditor_repeats_the_verification_from_the_export_alone()
    {
        var (id, view) = await custody.DeliverAsync(Push(("readme.md", "audited\n")));
        Assert.True(view.Outcome == Outcome.Finished, Delivery.TestDelivery.Describe(view));
        var (bundle, root) = (await ExportAsync(id), custody.Silo.Root);

        var checks = await BundleFile.CheckAsync(bundle, root, TimeProvider.System, Cancellation);

        Assert.All(checks, check => Assert.True(check.Result != CheckResult.Differs, $"{check.Name}: {check.Difference}"));
        Assert.Contains(checks, check => check is { Name: "lease Promote", Result: CheckResult.Holds });
        Assert.Contains(checks, check => check is { Name: "lease ProvisionProduction", Result: CheckResult.Holds });
        var rules = Assert.Single(checks, check => check.Name == "rules");
        Assert.Equal((CheckResult.NotRepeated, "no finding of high or critical"), (rules.Result, rules.Found));
        Assert.All(bundle.Evidence.Values, kept => Assert.DoesNotContain("audited", PayloadOf(kept), StringComparison.Ordinal));
        foreach (var (name, forged) in Forge(bundle))
        {
            var found = await BundleFile.CheckAsync(forged, root, TimeProvider.System, Cancellation);
            Assert.True(found.Any(check => check.Result == CheckResult.Differs), name);
        }
        var stranger = Convert.ToBase64String(new byte[32]);
        Assert.Equal(CheckResult.Differs, Assert.Single(await BundleFile.CheckAsync(bundle, stranger, TimeProvider.System, Cancellation)).Result);
        await using var viewer = await custody.Silo.ConnectAsync(CustodySilo.Reviewer);
        var again = await viewer.Grain<ICustodyGrain>(Custodian.KeyOf(Elsewhere)).RepeatAsync(id.ToString(), 1);
        Assert.All(again, check => Assert.Equal(CheckResult.Holds, check.Result));
    }

    [Fact]
    public async Task What_was_done_without_custody_is_found_in_the_export()
    {
        // A control plane says that production was touched, and nobody lent anything for it.
        var made = await MadeAttempt.OfAsync(custody);
        var (approved, planned) = (made.Proof<Evidence.ProductionApproved>(), made.Proof<Evidence.ProductionPlanned>());
        made.Prove(new Evidence.ProductionProvisioned(approved.Plan, planned.Lineage, planned.Serial + 1, 1));
        made.Prove(new Evidence.Promoted(approved.Image, "r9", 1, TimeProvider.System.GetUtcNow(), null));
        made.Stage = Stage.Watch;
        await made.WriteAsync();
        Assert.Equal("lease.missing", await LeaseFaultAsync(made));

        // It tells the ledger in custody's words, in its own name and with its own signature.
        await TellAsync(made, Role.Control, Role.Custody);
        Assert.Equal("lease.missing", await LeaseFaultAsync(made));
        await TellAsync(made, Role.Custody, Role.Deployment);
        Assert.Equal("message.signature", await LeaseFaultAsync(made));
        await TellAsync(made, Role.Custody, Role.Custody, whole: false);
        Assert.Equal("lease.whole-check", await LeaseFaultAsync(made));
        // By custody itself, with its key and all that it compares, it would be believed.
        await TellAsync(made, Role.Custody, Role.Custody);
        Assert.Null(await LeaseFaultAsync(made));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int Port => custody.Silo.Repository.Application.Production.Port;

    private async Task<string?> ServedAsync() => (await custody.Edge.ReadAsync(Elsewhere, Cancellation)).Effect;

    private async Task<string?> SwitchAsync(Route before, string target, Envelope? lease) => (await Refused.ByAsync(() => custody.Edge.SwitchAsync(
        Elsewhere, Port, before.Token + 1, before.Effect, target, new("http://127.0.0.1:9/"), lease, Cancellation)))?.Reason.Code;

    private (string Head, string Base) Push(params (string Path, string Content)[] files)
    {
        var (number, manifest) = (Nonce.Fresh().ToLowerInvariant(), MessageSilo.Manifest.Replace("window: 2s", "window: 1s", StringComparison.Ordinal));
        var begin = custody.Silo.Repository.Commit($"base-{number}", null, ("maestro.yaml", manifest), ("readme.md", "one\n"));
        custody.Silo.Repository.Commit($"change-{number}", begin, [("maestro.yaml", manifest), .. files]);
        return ($"change-{number}", $"base-{number}");
    }

    private async Task<AuditBundle> ExportAsync(DeploymentId id)
    {
        await using var viewer = await custody.Silo.ConnectAsync(CustodySilo.Reviewer);
        return AuditBundle.Read(System.Text.Encoding.UTF8.GetBytes(await viewer.Grain<IBundleGrain>($"bundle/{id}").ExportAsync(null)));
    }

    private async Task<string?> LeaseFaultAsync(MadeAttempt made) =>
        (await BundleFile.CheckAsync(await ExportAsync(made.Deployment), custody.Silo.Root, TimeProvider.System, Cancellation))
        .Where(check => check.Name is not "infrastructure state").FirstDifference()?.Code;

    private async Task TellAsync(MadeAttempt made, Role teller, Role signer, bool whole = true)
    {
        var evidence = custody.Silo.Services.GetRequiredService<EvidenceFile>();
        foreach (var stage in new[] { Stage.ProvisionProduction, Stage.Promote })
        {
            var (effect, now) = ($"{made.Deployment}/a1/{stage}", TimeProvider.System.GetUtcNow());
            var plan = stage == Stage.Promote ? (Digest?)null : made.Proof<Evidence.ProductionApproved>().Plan;
            var read = await custody.ReadAsync(made.Deployment, stage);
            var summary = new VerificationSummary(
                new(VerificationSummary.VerifierOf(custody.Silo.Services.GetRequiredService<LedgerOrigin>())), now,
                VerificationSummary.ResourceOf(Elsewhere.ToString(), effect), SummaryInput.Of("policy", Digest.Of("x"u8)),
                [.. read.Statements.Select(statement => SummaryInput.Of($"{statement.Stage}", statement.Digest!.Value))], VerificationSummary.Passed,
                [VerificationSummary.LevelOf(LeaseWay.Forward)], new(made.Deployment, 1, stage, Elsewhere.ToString(), 1, LeaseWay.Forward),
                [.. whole ? LastCheck.Essential.Select(name => new SummaryCheck(name, "", "", "", true)) : []]);
            var summarized = await evidence.PutAsync(made.Deployment, Sign(signer, VerificationSummary.PredicateType, summary), Cancellation);
            var lease = new ProductionLease(
                made.Deployment, 1, stage, effect, Elsewhere.ToString(), Port, LeaseWay.Forward, plan is null ? effect : null, plan, 1, summarized,
                Nonce.Fresh(), now, now + ProductionLease.Life);
            var lent = await evidence.PutAsync(made.Deployment, Sign(Role.Custody, ProductionLease.PredicateType, lease), Cancellation);
            var body = System.Text.Json.JsonSerializer.Serialize(new { effect, summary = summarized.Hex, lease = lent.Hex });
            using var scope = CallerScope.As(teller);
            await custody.Silo.Grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(
                new($"test/{Nonce.Fresh()}", now, "custody.leased", "", made.Deployment.ToString(), body));
        }
    }

    private static string PayloadOf(string kept) => System.Text.Encoding.UTF8.GetString(
        Convert.FromBase64String(System.Text.Json.JsonSerializer.Deserialize<Envelope>(Convert.FromBase64String(kept))!.Payload));

    private Envelope Sign<T>(Role signer, string type, T predicate) =>
        Statements.Sign(custody.Silo.Keyring, signer, type, [Subject.Of("x", Digest.Of("x"u8))], predicate);

    private static IEnumerable<(string, AuditBundle)> Forge(AuditBundle bundle)
    {
        yield return ("an entry that is left out", bundle with { Entries = bundle.Entries.RemoveAt(0) });
        yield return ("an entry of another number", bundle with
        {
            Entries = bundle.Entries.SetItem(1, bundle.Entries[1] with { Number = bundle.Entries[1].Number + 1000 }),
        });
        yield return ("an entry's content", bundle with { Entries = bundle.Entries.SetItem(1, bundle.Entries[1] with { Entry = bundle.Entries[2].Entry }) });
        yield return ("a proof that is left out", bundle with { Proofs = bundle.Proofs.RemoveAt(0) });
        yield return ("no proof at all", bundle with { Proofs = [] });
        yield return ("another registry", bundle with { Registry = bundle.Roster! });
        yield return ("no roster", bundle with { Roster = null });
        yield return ("no evidence", bundle with { Evidence = bundle.Evidence.Clear() });
        yield return ("a checkpoint that nobody signed", bundle with { Checkpoint = "x\n1\nAAAA\n\n" });
        yield return ("what is no base64", bundle with { Entries = bundle.Entries.SetItem(0, new(1, "%")) });
    }
}
