using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>Evidence published directly to a deployment that waits for its review. None of it counts, and each would without its one control.</summary>
public sealed class ForgedAnswerTests : IClassFixture<MessageSilo>, IDisposable
{
    private const string Dropped = "message.dropped";
    private const string Anomaly = "message.refused";

    private static readonly Dictionary<string, Attack> Attacks = new(StringComparer.Ordinal)
    {
        ["nobody signed it"] = new(MessageRefusal.SignatureCode, controls => controls.Believes = true,
            (silo, binding) => Review(silo, binding).Unsigned()),
        ["another role signed it"] = new(MessageRefusal.SignatureCode, controls => controls.Believes = true,
            (silo, binding) => Forgery.Signed(silo.Keyring, Role.Infrastructure, PredicateTypes.AgentAnswer, Proved(binding)).Naming(Role.Review)),
        ["its payload has another type"] = new(MessageRefusal.TypeCode, controls => controls.Waived = MessageRefusal.TypeCode,
            (silo, binding) => Review(silo, binding).Typed(silo.Keyring, Role.Review, "application/json")),
        ["it is for somebody else"] = Waiving(MessageRefusal.AudienceCode, binding => binding with { Audience = Role.Desk }),
        ["it has expired"] = Waiving(MessageRefusal.ExpiredCode, Forgery.Expired),
        ["it is of the future"] = Waiving(MessageRefusal.EarlyCode, Forgery.Early),
        ["it lives too long"] = Waiving(MessageRefusal.LifetimeCode, Forgery.LongLived),
        ["it is another deployment's"] = Waiving(MessageRefusal.DeploymentCode, Forgery.Elsewhere),
        ["it names another effect"] = Waiving(MessageRefusal.EffectCode, binding => binding with { Effect = "pr/local/acme/shop/1/a1/Promote" }),
    };

    private readonly MessageSilo _silo;

    public ForgedAnswerTests(MessageSilo silo)
    {
        _silo = silo;
        _silo.Reviewer.Hangs = true;
    }

    public static TheoryData<string> Names => [.. Attacks.Keys];

    public void Dispose() => _silo.Controls.Restore();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_forged_answer_moves_nothing_and_without_its_control_it_would(string name)
    {
        var attack = Attacks[name];
        var id = await _silo.OpenAsync();
        await AssertRefusedAsync(id, Dropped, attack.Code, attack.Make(_silo, Bind(id)));
        Assert.Equal(1, _silo.Log.Count(Dropped, $"{id},", attack.Code, "Expected: ", "Found: "));

        attack.Waive(_silo.Controls);
        await AssertMovesAsync(id, attack.Make(_silo, Bind(id)));
    }

    [Fact]
    public async Task An_answer_of_a_try_that_was_never_asked_is_noted_and_moves_nothing()
    {
        var id = await _silo.OpenAsync();
        await AssertRefusedAsync(id, Anomaly, MessageRefusal.TryCode, Review(_silo, Bind(id) with { Try = 2 }));

        _silo.Controls.AwaitsAll = true;
        await AssertMovesAsync(id, Review(_silo, Bind(id) with { Try = 2 }));
    }

    [Fact]
    public async Task An_answer_of_an_attempt_or_a_stage_that_was_never_asked_is_noted_and_moves_nothing()
    {
        var id = await _silo.OpenAsync();
        var later = Binding.Of(id, 2, Stage.Review, 1, Role.Control, TimeProvider.System);
        await AssertRefusedAsync(id, Anomaly, MessageRefusal.AttemptCode, Review(_silo, later));
        var ahead = AgentAnswer.Proved(
            Binding.Of(id, 1, Stage.Build, 1, Role.Control, TimeProvider.System), new ImageBuilt(Digest.Of("x"u8), new('c', 40), 1, 1, true, 1));
        await AssertRefusedAsync(
            id, Anomaly, MessageRefusal.StageCode, Forgery.Signed(_silo.Keyring, Role.Build, PredicateTypes.AgentAnswer, ahead));

        // The same answer where it was asked for.
        await AssertMovesAsync(id, Review(_silo, Bind(id)));
    }

    [Theory]
    [InlineData("no signature", MessageRefusal.MalformedCode)]
    [InlineData("data after the payload", MessageRefusal.MalformedCode)]
    [InlineData("data after the statement", MessageRefusal.MalformedCode)]
    [InlineData("data after the signature", MessageRefusal.MalformedCode)]
    [InlineData("a work order's type", MessageRefusal.TypeCode)]
    public async Task An_answer_of_another_form_is_not_read(string form, string code)
    {
        var id = await _silo.OpenAsync();
        var good = Review(_silo, Bind(id));
        await AssertRefusedAsync(id, Dropped, code, form switch
        {
            "no signature" => good with { Signatures = [] },
            "data after the payload" => good with { Payload = good.Payload + "." },
            "data after the statement" => good.Followed(_silo.Keyring, Role.Review, "{}"),
            "data after the signature" => good with { Signatures = [good.Signatures[0] with { Sig = good.Signatures[0].Sig + "\n" }] },
            _ => Forgery.Signed(_silo.Keyring, Role.Review, PredicateTypes.WorkOrder, Proved(Bind(id))),
        });

        // The same answer without it, in the other alphabet, which a reader must take too.
        await AssertMovesAsync(id, good.UrlSafe());
    }

    [Fact]
    public async Task Evidence_of_a_superseded_attempt_is_noted_and_counts_for_none()
    {
        var (id, supersede) = await _silo.OpenToSupersedeAsync();
        var captured = Forgery.Signed(_silo.Keyring, Role.Review, PredicateTypes.AgentAnswer, AgentAnswer.Waiting(Bind(id), "a test"));
        await _silo.PublishAsync(Channels.Answers, id, captured);
        await supersede();
        await Eventually.IsTrueAsync(async () => (await _silo.LogAsync(id)).Any(entry => entry is LogEntry.Closed { Attempt: 1 }));
        await AssertRefusedAsync(id, Dropped, MessageRefusal.ReplayedCode, captured);
        await AssertRefusedAsync(id, Anomaly, MessageRefusal.AttemptCode, Review(_silo, Bind(id)));

        // What keeps it out is the attempt that it is bound to: bound to the new one it counts.
        await AssertMovesAsync(id, Review(_silo, Binding.Of(id, 2, Stage.Review, 1, Role.Control, TimeProvider.System)));
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_not_read()
    {
        var id = await _silo.OpenAsync();
        await AssertRefusedAsync(id, Dropped, MessageRefusal.TooLargeCode,
            Review(_silo, Bind(id)).Padded(_silo.Keyring, Role.Review, Dsse.PayloadLimit + 1));

        await AssertMovesAsync(id, Review(_silo, Bind(id)).Padded(_silo.Keyring, Role.Review, Dsse.PayloadLimit));
    }

    [Fact]
    public async Task A_replayed_answer_is_dropped()
    {
        var id = await _silo.OpenAsync();
        var waiting = Forgery.Signed(_silo.Keyring, Role.Review, PredicateTypes.AgentAnswer, AgentAnswer.Waiting(Bind(id), "a test"));
        await _silo.PublishAsync(Channels.Answers, id, waiting);
        await AssertRefusedAsync(id, Dropped, MessageRefusal.ReplayedCode, waiting);

        // Even where the memory of nonces is lost an answer counts once: its question is no longer open.
        _silo.Controls.Waived = MessageRefusal.ReplayedCode;
        var answer = Review(_silo, Bind(id));
        await AssertMovesAsync(id, answer);
        await _silo.PublishAsync(Channels.Answers, id, answer);
        await AssertRefusedAsync(id, Anomaly, MessageRefusal.AttemptCode, Review(_silo, Bind(id) with
        {
            Attempt = 2,
            Effect = Binding.EffectOf(id, 2, Stage.Review),
        }));
        Assert.Single(await _silo.LogAsync(id), entry => entry is LogEntry.Proved { Stage: Stage.Review });
    }

    [Fact]
    public async Task Without_both_memory_and_place_a_second_copy_would_be_recorded()
    {
        var id = await _silo.OpenAsync();
        var answer = Forgery.Signed(_silo.Keyring, Role.Review, PredicateTypes.AgentAnswer,
            AgentAnswer.Broke(Bind(id), new("a-test", "A test.", "", "", "")));
        await _silo.PublishAsync(Channels.Answers, id, answer);
        await Eventually.IsTrueAsync(async () => (await _silo.LogAsync(id)).Any(IsBroken));
        await _silo.PublishAsync(Channels.Answers, id, answer);
        await _silo.UntilRefusedAsync(id, Dropped, MessageRefusal.ReplayedCode);
        Assert.Single(await _silo.LogAsync(id), IsBroken);

        (_silo.Controls.Waived, _silo.Controls.AwaitsAll) = (MessageRefusal.ReplayedCode, true);
        await _silo.PublishAsync(Channels.Answers, id, answer);
        await Eventually.IsTrueAsync(async () => (await _silo.LogAsync(id)).Count(IsBroken) == 2);
    }

    [Fact]
    public async Task A_flood_of_forged_answers_does_not_fill_the_ledger()
    {
        var id = await _silo.OpenAsync();
        for (var number = 0; number < 3 * Audit.RefusalPace.AMinute; number++)
        {
            await _silo.PublishAsync(Channels.Answers, id, Review(_silo, Bind(id)).Unsigned());
        }
        await AssertMovesAsync(id, Review(_silo, Bind(id)));
        Assert.InRange((await _silo.LedgerAsync(id)).Count(fact => fact.Kind == Dropped), 1, 2 * Audit.RefusalPace.AMinute);
        Assert.InRange(_silo.Log.Count(Dropped, $"{id},"), 1, 2 * Audit.RefusalPace.AMinute);
    }

    private async Task AssertRefusedAsync(DeploymentId id, string kind, string code, Envelope envelope)
    {
        var before = await _silo.LogAsync(id);
        await _silo.PublishAsync(Channels.Answers, id, envelope);
        await _silo.UntilRefusedAsync(id, kind, code);
        Assert.Equal(before.Count(IsReview), (await _silo.LogAsync(id)).Count(IsReview));
    }

    private async Task AssertMovesAsync(DeploymentId id, Envelope envelope)
    {
        Assert.DoesNotContain(await _silo.LogAsync(id), IsProved);
        await _silo.PublishAsync(Channels.Answers, id, envelope);
        await Eventually.IsTrueAsync(async () => (await _silo.LogAsync(id)).Any(IsProved));
    }

    private static bool IsProved(LogEntry entry) => entry is LogEntry.Proved { Stage: Stage.Review };

    private static bool IsBroken(LogEntry entry) => entry is LogEntry.Broke { Stage: Stage.Review };

    // Nothing else of a deployment that waits for its review can be answered.
    private static bool IsReview(LogEntry entry) => entry is LogEntry.Proved or LogEntry.Refused or LogEntry.Broke or LogEntry.Undone
        or LogEntry.Started { Stage: not Stage.AllowRun };

    private static Binding Bind(DeploymentId id) => Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System);

    private static AgentAnswer Proved(Binding binding) =>
        AgentAnswer.Proved(binding, new ChangeReviewed(Verdict.Approve, "an attacker", false, 1, []));

    private static Envelope Review(MessageSilo silo, Binding binding) =>
        Forgery.Signed(silo.Keyring, Role.Review, PredicateTypes.AgentAnswer, Proved(binding));

    private static Attack Waiving(string code, Func<Binding, Binding> change) =>
        new(code, controls => controls.Waived = code, (silo, binding) => Review(silo, change(binding)));

    private sealed record Attack(string Code, Action<Controls> Waive, Func<MessageSilo, Binding, Envelope> Make);
}
