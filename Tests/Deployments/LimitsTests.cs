using Maestro.Environments;
using Maestro.Manifests;

namespace Maestro.Deployments;

/// <summary>The limit of a row that the manifest has a say in.</summary>
public sealed class LimitsTests
{
    private static readonly Row Watch = Plan.Version1[Stage.Watch];

    [Theory]
    [InlineData(2, 7)]
    [InlineData(15, 20)]
    [InlineData(24 * 60, (24 * 60) + 5)]
    [InlineData(48 * 60, (24 * 60) + 5)]
    public void A_watch_may_take_its_window_and_five_minutes(int window, int limit) =>
        Assert.Equal(TimeSpan.FromMinutes(limit), Watch.LimitOf(Watching(TimeSpan.FromMinutes(window))));

    [Fact]
    public void Without_a_manifest_a_watch_may_take_the_longest_window() =>
        Assert.Equal(Plan.LongestWatch + Plan.WatchGrace, Watch.LimitOf(null));

    [Fact]
    public void Only_the_watch_asks_the_manifest() => Assert.All(Plan.Version1.Rows.Where(row => row.Stage != Stage.Watch), row =>
        Assert.Equal(row.Within, row.LimitOf(Watching(TimeSpan.FromMinutes(9)))));

    [Fact]
    public void A_try_is_given_up_at_the_limit_that_it_started_with()
    {
        var end = Entries.Began + TimeSpan.FromMinutes(7);
        var log = Entries.Done([.. Plan.Version1.Rows.Select(row => row.Stage).TakeWhile(stage => stage != Stage.Watch)])
            .Append(new LogEntry.Started(1, Entries.Began, Entries.Actor, Stage.Watch, 1, end)).ToList();
        var read = Snapshot.Read(Snapshot.Write(log.Fold()));
        foreach (var progress in new[] { log.Fold(), read })
        {
            Assert.Equal(end, Assert.IsType<Move.Ask>(Assert.Single(Plan.Version1.Decide(progress, end.AddMilliseconds(-1)))).Deadline);
            Assert.IsType<Move.GiveUp>(Assert.Single(Plan.Version1.Decide(progress, end)));
        }
    }

    private static Manifest Watching(TimeSpan window) => new(
        "shop", new(["make"], TimeSpan.FromMinutes(1)), "out", null, new RunSettings(["run"], "PORT", []), null, MergeMode.After, new(window, 3));
}
