using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>Bugs that others had, where no other test would notice them here. docs/reliability.md lists them all.</summary>
public sealed class PeerBugTests
{
    /// <summary>What is suspended and owns no timer is never looked at again.</summary>
    [Theory]
    [InlineData(SampleHistory.Good)]
    [InlineData(SampleHistory.Bad)]
    public void Whatever_is_open_is_looked_at_again(string id)
    {
        var entries = SampleHistory.Make().Deployments.Single(deployment => deployment.Id == id).Entries.ToList();
        Assert.All(Enumerable.Range(1, entries.Count), count =>
        {
            var progress = Progress.Of(entries.Take(count));
            var now = entries[count - 1].At;
            var orders = new Orders(null!, Plans.Shipped, TimeProvider.System);

            Assert.Equal(progress.Active is not null, orders.NextLook(Plan.Version1, progress, now, []) is not null);
        });
    }

    /// <summary>A stage that always breaks ends its attempt, so that no history grows without end.</summary>
    [Fact]
    public void No_stage_is_tried_more_often_than_its_row_says() => Assert.All(Plan.Version1.Rows.Where(row => row.Stage == Stage.Review), row =>
    {
        var now = DateTimeOffset.UnixEpoch;
        var progress = Progress.Of(SampleHistory.Make().Deployments[0].Entries.Take(1));
        var tries = 0;
        while (Plan.Version1.Decide(progress, now, []).OfType<Move.Begin>().FirstOrDefault() is { } begin)
        {
            tries = begin.Try;
            now += TimeSpan.FromMinutes(2);
            progress = progress.With(new LogEntry.Started(1, now, "control", row.Stage, tries, now.AddMinutes(1)))
                .With(new LogEntry.Broke(1, now, "agent", row.Stage, tries, "broke", null));
            now += TimeSpan.FromMinutes(2);
        }

        Assert.Equal(row.Tries, tries);
        Assert.IsType<Move.Cancel>(Assert.Single(Plan.Version1.Decide(progress, now, [])));
    });
}
