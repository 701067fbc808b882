using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>A message that was captured, and is sent again once the silo that took it has gone.</summary>
public sealed class NonceRestartTests(MessageSilo silo) : IClassFixture<MessageSilo>, IDisposable
{
    public void Dispose() => silo.Controls.Restore();

    [Fact]
    public async Task A_message_that_a_silo_took_is_not_taken_again_by_the_one_that_comes_after_it()
    {
        silo.Reviewer.Hangs = true;
        var id = await silo.OpenAsync();
        var (durable, forgotten) = (Waiting(id), Waiting(id));
        await silo.PublishAsync(Channels.Answers, id, durable);
        await PassAsync(id);
        silo.Controls.Forgets = true;
        await silo.PublishAsync(Channels.Answers, id, forgotten);
        await PassAsync(id);
        Assert.Equal(0, await ReplaysAsync(id));
        await silo.RestartAsync();

        // The control replaced: with a memory that ends with its silo the replay passes.
        await silo.PublishAsync(Channels.Answers, id, forgotten);
        await PassAsync(id);
        Assert.Equal(0, await ReplaysAsync(id));

        silo.Controls.Forgets = false;
        await silo.PublishAsync(Channels.Answers, id, durable);
        await PassAsync(id);
        Assert.Equal(1, await ReplaysAsync(id));
    }

    // The messages of a stream come in order: once this one is noted, what was published before has been dealt with.
    private async Task PassAsync(DeploymentId id)
    {
        var before = await CountAsync(id, MessageRefusal.TryCode);
        var last = AgentAnswer.Waiting(Binding.Of(id, 1, Stage.Review, 7, Role.Control, TimeProvider.System), "a test");
        await silo.PublishAsync(Channels.Answers, id, Forgery.Signed(silo.Keyring, Role.Review, PredicateTypes.AgentAnswer, last));
        await Eventually.IsTrueAsync(async () => await CountAsync(id, MessageRefusal.TryCode) > before);
    }

    private Task<int> ReplaysAsync(DeploymentId id) => CountAsync(id, MessageRefusal.ReplayedCode);

    private async Task<int> CountAsync(DeploymentId id, string code) =>
        (await silo.LedgerAsync(id)).Count(fact => fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal));

    private Envelope Waiting(DeploymentId id) => Forgery.Signed(silo.Keyring, Role.Review, PredicateTypes.AgentAnswer,
        AgentAnswer.Waiting(Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System), "a test"));
}
