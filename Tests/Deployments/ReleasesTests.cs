using Maestro.Environments;

namespace Maestro.Deployments;

/// <summary>Several releases of one pull request: any that may become live again can be rolled back.</summary>
public sealed class ReleasesTests
{
    private static readonly DeploymentId Id = DeploymentId.Of("local", "acme", "shop", 1);

    [Fact]
    public void After_the_second_release_was_rolled_back_the_first_can_be_too()
    {
        var log = Finished(1).Concat(Finished(2)).Concat(RolledBack(2)).ToList();
        Assert.Equal(1, Commands.Check(log.Fold(), Command.RollBack, Id).Attempt);
        Assert.Null(Identity.Refused.By(() => Commands.Check(log.Fold(), Command.RollBack, Id)));
        log.Add(Entries.Commanded(Command.RollBack, attempt: 1));
        var undo = Assert.IsType<Move.Undo>(Assert.Single(Plan.Version1.Decide(log.Fold(), Entries.Began)));
        Assert.Equal((1, Stage.Promote), (undo.Attempt, undo.Row.Stage));
    }

    [Fact]
    public void The_release_that_is_live_is_rolled_back_and_not_the_newest_that_finished()
    {
        // Going back from the third to the first skips the second, which finished and is no longer live.
        var progress = Finished(1).Concat(Finished(2)).Concat(Finished(3)).Concat(RolledBack(3)).Fold();
        Assert.Equal(2, Commands.Check(progress, Command.RollBack, Id).Attempt);
        Assert.Equal(1, Commands.FindLive(progress, Serving(1), Id)?.Attempt);
        Assert.Null(Commands.FindLive(progress, Serving(3), Id));
        Assert.Null(Commands.FindLive(progress, Serving(9), Id));
    }

    [Fact]
    public void As_many_releases_are_kept_as_an_environment_remembers_and_no_more()
    {
        var progress = Enumerable.Range(1, 60).SelectMany(Finished).Fold();
        Assert.Equal(EnvironmentHistory.Kept + 1, progress.Attempts.Length);
        Assert.Equal(60, progress.Newest!.Attempt);
    }

    [Fact]
    public void Two_releases_fit_the_snapshot()
    {
        var progress = Finished(1).Concat(Finished(2)).Fold();
        Assert.NotEmpty(Snapshot.Write(progress));
        SameProgress.Assert(progress, Snapshot.Read(Snapshot.Write(progress)));
    }

    private static IEnumerable<LogEntry> Finished(int attempt) =>
        Entries.AllDone().Append(Entries.Closed()).Select(entry => entry with { Attempt = attempt });

    private static IEnumerable<LogEntry> RolledBack(int attempt) =>
    [
        Entries.Commanded(Command.RollBack, attempt: attempt), Entries.Undone(Stage.Promote, Entries.Evidence, attempt),
        Entries.Closed(Outcome.RolledBack, Codes.RolledBackByCommand, attempt),
    ];

    private static EnvironmentView Serving(int attempt) => new(
        "shop", "production", new("r1", $"{Id}/a{attempt}/Promote", Id.ToString(), attempt, Entries.Evidence, "", new([], "PORT", []), Entries.Began),
        [], null, null, 1, [], null, null, []);
}
