using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Storage;
using Microsoft.Data.Sqlite;

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

    [Fact]
    public async Task Where_the_tables_owner_takes_a_nonce_away_its_message_is_refused_by_its_age_or_changes_nothing_by_its_place()
    {
        silo.Reviewer.Hangs = true;
        var id = await silo.OpenAsync();
        var captured = Forgery.Signed(silo.Keyring, Role.Review, PredicateTypes.AgentAnswer, AgentAnswer.Broke(
            Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System), new("a-test", "A test.", "", "", "")));
        await silo.PublishAsync(Channels.Answers, id, captured);
        await Eventually.IsTrueAsync(async () => await BrokenAsync(id) == 1);
        await ForgetAsync();

        // By its place: the try is answered already, and counts once.
        await silo.PublishAsync(Channels.Answers, id, captured);
        await silo.PublishAsync(Channels.Answers, id, Forgery.Signed(silo.Keyring, Role.Review, PredicateTypes.AgentAnswer,
            AgentAnswer.Waiting(Binding.Of(id, 2, Stage.Review, 1, Role.Control, TimeProvider.System), "a test")));
        await silo.UntilRefusedAsync(id, Reception.Refused, MessageRefusal.AttemptCode);
        Assert.Equal((1, 0), (await BrokenAsync(id), await ReplaysAsync(id)));

        // By its age: in the hour after, when its nonce would have gone anyway.
        var old = Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System).Expired();
        await silo.PublishAsync(Channels.Answers, id, Forgery.Signed(
            silo.Keyring, Role.Review, PredicateTypes.AgentAnswer, AgentAnswer.Broke(old, new("a-test", "A test.", "", "", ""))));
        await silo.UntilRefusedAsync(id, Reception.Dropped, MessageRefusal.ExpiredCode);
        Assert.Equal(1, await BrokenAsync(id));

        // The control taken away, where every answer is awaited: it is recorded once more.
        await ForgetAsync();
        silo.Controls.AwaitsAll = true;
        await silo.PublishAsync(Channels.Answers, id, captured);
        await Eventually.IsTrueAsync(async () => await BrokenAsync(id) == 2);
    }

    // From the table, and with a restart from memory.
    private async Task ForgetAsync()
    {
        await using (var connection = new SqliteConnection($"Data Source={silo.File};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            connection.Execute("DROP TRIGGER IF EXISTS message_nonce_is_kept");
            Assert.NotEqual(0, connection.Execute("DELETE FROM message_nonce"));
        }
        await silo.RestartAsync();
    }

    private async Task<int> BrokenAsync(DeploymentId id) => (await silo.LogAsync(id)).Count(entry => entry is LogEntry.Broke { Stage: Stage.Review });

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
