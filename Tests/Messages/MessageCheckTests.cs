using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;

namespace Maestro.Messages;

public sealed class MessageCheckTests
{
    private static readonly DeploymentId Shop = DeploymentId.Parse("pr/local/acme/shop/42");
    private static readonly Digest Some = Digest.Of("x"u8);

    private readonly Clock _clock = new();
    private readonly NonceMemory _nonces;

    public MessageCheckTests() => _nonces = new(_clock, 3);

    public static TheoryData<string, Func<Binding, Binding>> Differences => new()
    {
        { MessageRefusal.AudienceCode, binding => binding with { Audience = Role.Infrastructure } },
        { MessageRefusal.DeploymentCode, binding => Moved(binding with { Deployment = DeploymentId.Parse("pr/local/acme/shop/43") }) },
        { MessageRefusal.AttemptCode, binding => Moved(binding with { Attempt = 3 }) },
        { MessageRefusal.StageCode, binding => Moved(binding with { Stage = Stage.Test }) },
        { MessageRefusal.TryCode, binding => binding with { Try = 2 } },
        { MessageRefusal.EffectCode, binding => binding with { Effect = "pr/local/acme/shop/42/a2/Promote" } },
        {
            MessageRefusal.ExpiredCode,
            binding => binding with { IssuedAt = binding.IssuedAt.AddMinutes(-10), ExpiresAt = binding.IssuedAt.AddSeconds(-31) }
        },
        { MessageRefusal.EarlyCode, binding => binding with { IssuedAt = binding.IssuedAt.AddSeconds(31) } },
        { MessageRefusal.LifetimeCode, binding => binding with { ExpiresAt = binding.ExpiresAt.AddSeconds(1) } },
        { MessageRefusal.LifetimeCode, binding => binding with { ExpiresAt = binding.IssuedAt } },
        { MessageRefusal.MalformedCode, binding => binding with { Nonce = "short" } },
        { MessageRefusal.MalformedCode, binding => binding with { Stage = (Stage)99 } },
        { MessageRefusal.MalformedCode, binding => binding with { Attempt = 0 } },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void Every_difference_is_refused_by_its_code(string code, Func<Binding, Binding> change)
    {
        Assert.Null(Check(Order(Fresh())));
        Assert.Equal(code, Check(Order(change(Fresh()))));
        Assert.Equal(code, Check(AgentAnswer.Stopped(change(Fresh()))));
    }

    [Fact]
    public void A_nonce_is_used_once_until_its_message_has_expired()
    {
        var order = Order(Fresh());
        Assert.Null(Check(order));
        Assert.Equal(MessageRefusal.ReplayedCode, Check(order));
        Assert.Null(Refused.By(() => MessageCheck.Check(order, Expected, _clock.GetUtcNow(), new NonceMemory(_clock))));
        _clock.Advance(MessageCheck.LongestLife + TimeSpan.FromSeconds(31));
        Assert.Equal(MessageRefusal.ExpiredCode, Check(order));
    }

    [Fact]
    public void A_full_memory_takes_nothing_new_and_has_room_again_later()
    {
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Null(Check(Order(Fresh()))));
        Assert.Equal(MessageRefusal.ReplayedCode, Check(Order(Fresh())));
        _clock.Advance(MessageCheck.LongestLife + TimeSpan.FromSeconds(31));
        Assert.Null(Check(Order(Fresh())));
        Assert.Equal(1, _nonces.Count);
    }

    [Fact]
    public void A_refused_message_uses_up_no_nonce()
    {
        var binding = Fresh();
        Assert.NotNull(Check(Order(binding with { Try = 2 })));
        Assert.Null(Check(Order(binding)));
    }

    [Fact]
    public void Orders_and_answers_whose_parts_do_not_fit_are_refused()
    {
        var reason = new Reason("c", "r", "e", "f", "w");
        Assert.Equal(MessageRefusal.MalformedCode, Check(Order(Fresh()) with { Because = "x" }));
        Assert.Equal(MessageRefusal.MalformedCode, Check(Order(Fresh()) with { Kind = OrderKind.Undo }));
        Assert.Null(Check(Order(Fresh()) with { Kind = OrderKind.Undo, Because = "x", Target = "r6" }));
        Assert.Equal(MessageRefusal.MalformedCode, Check(Order(Fresh()) with { Target = "r6" }));
        Assert.Equal(MessageRefusal.MalformedCode, Check(Order(Fresh()) with { Needs = Order(Fresh()).Needs.Add("Nonsense", Some) }));
        Assert.Equal(MessageRefusal.MalformedCode, Check(new AgentAnswer(Fresh(), AnswerKind.Proved)));
        Assert.Equal(MessageRefusal.MalformedCode, Check(AgentAnswer.Stopped(Fresh()) with { Reason = reason }));
        Assert.Equal(MessageRefusal.MalformedCode, Check(AgentAnswer.Stopped(Fresh()) with { ProofKind = "ImageBuilt" }));
        Assert.Equal(MessageRefusal.MalformedCode, Check(new AgentAnswer(Fresh(), AnswerKind.Waiting)));
        Assert.Null(Check(AgentAnswer.Broke(Fresh(), reason)));
        Assert.Null(Check(AgentAnswer.Proved(Fresh(), new StagingHealthy(Some, "r", 1))));
    }

    private static MessageExpectation Expected => new(Role.Deployment, Shop, 2, Stage.Build, 1);

    private string? Check(IBoundMessage message) => Refused.By(() => MessageCheck.Check(message, Expected, _clock.GetUtcNow(), _nonces));

    private Binding Fresh() => Binding.Of(Shop, 2, Stage.Build, 1, Role.Deployment, _clock);

    private static Binding Moved(Binding binding) =>
        binding with { Effect = Binding.EffectOf(binding.Deployment, binding.Attempt, binding.Stage) };

    private static WorkOrder Order(Binding binding) =>
        new(binding, OrderKind.Ask, System.Collections.Immutable.ImmutableDictionary<string, Digest>.Empty.Add("RunAllowed", Some), Some);
}
