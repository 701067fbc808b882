using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Anomalies;

/// <summary>What a message is counted as, and against whom.</summary>
public sealed class ReceptionTests
{
    private static readonly DeploymentId Shop = DeploymentId.Of("local", "acme", "shop", 1);
    private static readonly Envelope Any = new(new('a', 1600), "", []);
    private static readonly SenderBounds Small = new() { PerSecond = 2 };

    private readonly Clock _clock = new();
    private readonly Origins _origins = new();
    private readonly Nonces _nonces = new();
    private readonly NonceMemory _memory;
    private readonly SenderWatch _watch;

    public ReceptionTests()
    {
        _memory = new(_clock);
        _watch = new(null!, _origins, Small, _clock);
        _watch.Know(Role.Control, []);
    }

    [Fact]
    public async Task A_message_is_taken_once_whichever_activation_receives_it()
    {
        var answer = Answer();
        Assert.Null(await AdmitAsync(answer));
        Assert.Equal(MessageRefusal.ReplayedCode, await AdmitAsync(answer));
        // Another activation, on another silo, after a restart: its memory is empty.
        Assert.Equal(MessageRefusal.ReplayedCode, await AdmitAsync(answer, new(_clock)));
        // The control replaced: with a memory that ends with the silo the replay passes.
        Assert.Null(await AdmitAsync(answer, new(_clock), new Nonces()));
        // The same nonce at another receiver is another message's.
        Assert.Null(await AdmitAsync(answer, new(_clock), receiver: "pr/local/acme/shop/2"));
    }

    [Fact]
    public async Task What_could_not_be_remembered_is_not_used_and_may_come_again()
    {
        var answer = Answer();
        _nonces.IsAway = true;
        await Assert.ThrowsAsync<OutsideException>(() => AdmitAsync(answer));
        _nonces.IsAway = false;
        Assert.Null(await AdmitAsync(answer));
    }

    [Fact]
    public async Task A_sender_over_its_limit_is_not_heard_from_then_on_and_others_are()
    {
        Assert.All(await SendAsync(Role.Review, Small.PerWindow + 1), Assert.Null);
        Assert.Equal(MessageRefusal.CutOffCode, await AdmitAsync(Answer()));
        Assert.Null(await AdmitAsync(Answer(), sender: Role.Build));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(MessageRefusal.CutOffCode, await AdmitAsync(Answer()));

        _watch.Know(Role.Control, []);
        Assert.Null(await AdmitAsync(Answer()));
    }

    [Fact]
    public async Task As_many_in_two_windows_are_within_the_limit()
    {
        await SendAsync(Role.Review, Small.PerWindow);
        _clock.Advance(SenderBounds.Window);
        Assert.All(await SendAsync(Role.Review, Small.PerWindow), Assert.Null);
    }

    [Fact]
    public async Task A_flood_of_forged_messages_cuts_nobody_off_and_counted_against_the_name_it_would()
    {
        for (var number = 0; number < 1000; number++)
        {
            _watch.Dropped(Role.Control, MessageRefusal.SignatureCode);
        }
        Assert.Null(await AdmitAsync(Answer()));
        var tally = Assert.Single(Drain(), one => one.Sender == Tally.Unverified);
        Assert.Equal((1000, 0), (tally.Failed, tally.Messages));

        // The control replaced: what a forged message says of its sender is believed.
        for (var number = 0; number < 1000; number++)
        {
            _watch.Took(Role.Control, Role.Review, Answer().Binding, 100);
        }
        Assert.Equal(MessageRefusal.CutOffCode, await AdmitAsync(Answer()));
    }

    [Fact]
    public async Task Genuine_messages_that_are_sent_again_count_against_nobody()
    {
        var answer = Answer();
        await AdmitAsync(answer);
        for (var number = 0; number < 1000; number++)
        {
            Assert.Equal(MessageRefusal.ReplayedCode, await AdmitAsync(answer));
            _watch.Dropped(Role.Control, MessageRefusal.ReplayedCode);
        }
        Assert.Null(await AdmitAsync(Answer()));
        var tallies = Drain();
        Assert.Equal(2, Assert.Single(tallies, one => one.Sender == "role:review").Messages);
        Assert.Equal((0, 1000), tallies.Where(one => one.Sender == Tally.Unverified).Select(one => (one.Failed, one.Replayed)).Single());
    }

    [Fact]
    public async Task What_failed_a_check_is_counted_for_no_sender()
    {
        Assert.Equal(MessageRefusal.AudienceCode, await AdmitAsync(Answer(binding => binding with { Audience = Role.Desk })));
        Assert.Equal(MessageRefusal.ExpiredCode, await AdmitAsync(Answer(Forgery.Expired)));
        Assert.DoesNotContain(Drain(), one => one.Sender == "role:review");
    }

    [Fact]
    public async Task A_message_from_a_silo_without_the_senders_role_is_told_unless_it_becomes_known()
    {
        await AdmitAsync(Answer(binding => binding with { Silo = "stranger" }));
        await AdmitAsync(Answer(binding => binding with { Silo = "here" }));
        await AdmitAsync(Answer(binding => binding with { Silo = null }));
        Assert.Equal(0, Assert.Single(Drain()).Strange);
        _clock.Advance(SentMessages.Grace);
        Assert.Equal(1, Assert.Single(Drain()).Strange);

        await AdmitAsync(Answer(binding => binding with { Silo = "newcomer" }));
        _clock.Advance(SentMessages.Grace);
        _origins.Known.Add((Role.Review, "newcomer"));
        Assert.Equal(0, Assert.Single(Drain()).Strange);
    }

    [Fact]
    public async Task What_could_not_be_reported_is_reported_with_the_next_and_with_the_time_that_it_took()
    {
        await AdmitAsync(Answer());
        _clock.Advance(TimeSpan.FromSeconds(30));
        var first = Drain();
        _watch.Of(Role.Control).GiveBack(first);
        await AdmitAsync(Answer());
        _clock.Advance(TimeSpan.FromSeconds(40));
        var both = Assert.Single(Drain());
        Assert.Equal((2, 2, 70.0), (both.Messages, both.Sizes.Sum(), both.Seconds));
        Assert.Empty(Drain());
    }

    [Fact]
    public async Task What_is_remembered_of_a_sender_is_bounded()
    {
        for (var number = 0; number < 500; number++)
        {
            _watch.Took(Role.Control, Role.Review, Answer(binding => binding with
            {
                Silo = $"silo-{number}",
                Deployment = DeploymentId.Of("local", "acme", "shop", number % 3 == 0 ? 7 : number + 1),
            }).Binding, 100);
        }
        _clock.Advance(SentMessages.Grace);
        var tally = Assert.Single(Drain());
        Assert.Equal((500, 500, "pr/local/acme/shop/7"), (tally.Messages, tally.Strange, tally.Busiest));
        Assert.True(tally.OverLimit);
        Assert.Null(await AdmitAsync(Answer(), sender: Role.Build));
    }

    private ImmutableArray<Tally> Drain() => _watch.Of(Role.Control).Drain(_origins.Fits);

    private async Task<string?[]> SendAsync(Role sender, int count)
    {
        var refusals = new string?[count];
        for (var number = 0; number < count; number++)
        {
            refusals[number] = await AdmitAsync(Answer(), sender: sender);
        }
        return refusals;
    }

    private async Task<string?> AdmitAsync(AgentAnswer answer, NonceMemory? memory = null, INonceStore? nonces = null, Role sender = Role.Review,
        string receiver = "pr/local/acme/shop/1")
    {
        var reception = new Reception(MessageCheck.Check, nonces ?? _nonces, _watch, new Refusals(null!, _clock, NullLogger<Refusals>.Instance), _clock);
        return (await Refused.ByAsync(() => reception.AdmitAsync(sender, receiver, Any, answer, new(Role.Control, Shop), memory ?? _memory)))?.Reason.Code;
    }

    private AgentAnswer Answer(Func<Binding, Binding>? change = null)
    {
        var binding = Binding.Of(Shop, 1, Stage.Review, 1, Role.Control, _clock);
        return AgentAnswer.Stopped(change?.Invoke(binding) ?? binding);
    }
}
