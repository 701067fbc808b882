using Maestro.Deployments;

namespace Maestro.Inbox;

/// <summary>What the end of a pull request ends.</summary>
public sealed class ClosingTests
{
    private static readonly DeploymentId Id = DeploymentId.Of("local", "acme", "shop", 1);

    [Fact]
    public void What_is_under_way_ends_until_production_is_touched()
    {
        Assert.Empty(Closed([]));
        Assert.Equal([1], Closed([Entries.Opened()]));
        Assert.Equal([1], Closed(Entries.Done(Stage.Review, Stage.Approval)));
        Assert.Equal("change.in-production", Identity.Refused.By(() => Closed([Entries.Opened(), Entries.Started(Stage.ProvisionProduction)])));
        Assert.Equal("change.in-production", Identity.Refused.By(() => Closed(
            [Entries.Opened(), Entries.Started(Stage.ProvisionProduction), Entries.Opened(2)])));
    }

    [Fact]
    public void What_goes_back_or_is_closed_is_left_alone_and_what_waits_behind_it_ends_too()
    {
        Assert.Empty(Closed([Entries.Opened(), Entries.Cancelled()]));
        Assert.Empty(Closed([.. Entries.AllDone(), Entries.Closed()]));
        Assert.Equal([2], Closed([Entries.Opened(), Entries.Cancelled(), Entries.Opened(2)]));
    }

    [Fact]
    public void An_attempt_whose_pull_request_was_closed_ends_as_aborted()
    {
        var progress = Progress.Of([Entries.Opened(), Entries.Cancelled(Codes.ChangeClosed)]);
        Assert.Equal(new Move.Close(1, Outcome.Aborted, Codes.ChangeClosed), Assert.Single(Plan.Version1.Decide(progress, Entries.Began)));
    }

    private static IEnumerable<int> Closed(IEnumerable<LogEntry> log) => Deployments.Commands.CheckClose(log.Fold(), Id).Select(attempt => attempt.Attempt);
}
