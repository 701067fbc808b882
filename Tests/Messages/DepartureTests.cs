using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>A silo that stops while an agent is in the middle of something long.</summary>
public sealed class DepartureTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    /// <summary>Half of what a silo is given at most.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_silo_that_stops_waits_for_no_review_and_the_next_one_is_asked_again()
    {
        silo.Reviewer.Hangs = true;
        var id = await silo.OpenAsync();
        await Eventually.IsTrueAsync(() => Task.FromResult(silo.Reviewer.Calls > 0));

        silo.Reviewer.Hangs = false;

        var began = TimeProvider.System.GetTimestamp();
        await silo.RestartAsync();
        var took = TimeProvider.System.GetElapsedTime(began);

        Assert.True(took < Soon, $"Stopping and starting took {took}.");
        await Eventually.IsTrueAsync(async () => (await silo.LogAsync(id)).Any(entry => entry is LogEntry.Proved { Stage: Stage.Review, Try: 1 }));
    }
}
