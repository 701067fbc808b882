using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>An agent whose answers find their queue full.</summary>
public sealed class FullQueueTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    [Fact]
    public async Task An_answer_that_found_the_queue_full_is_published_again_and_the_work_is_not_done_again()
    {
        silo.Fullness.AreFull = true;
        var id = await silo.OpenAsync();
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Fullness.TurnedAway >= 3));
        silo.Fullness.AreFull = false;
        await Eventually.IsTrueAsync(async () => (await silo.LogAsync(id)).Any(entry => entry is LogEntry.Proved { Stage: Stage.Review, Try: 1 }));
        Assert.Equal(1, silo.Reviewer.Calls);
        Assert.DoesNotContain(await silo.LogAsync(id), entry => entry is LogEntry.Broke);
    }
}
