namespace Maestro.Deployments;

/// <summary>Which command is taken in which state, and the code with which the others are refused; and the word for the state.</summary>
public sealed class CommandsTests
{
    private static readonly DeploymentId Id = DeploymentId.Of("local", "acme", "shop", 1);

    private static readonly Dictionary<string, LogEntry[]> Logs = new()
    {
        ["empty"] = [],
        ["running"] = [Entries.Opened(), Entries.Started(Stage.Review)],
        ["waiting"] = [.. Entries.Done(Stage.Review), Entries.Started(Stage.AllowRun)],
        ["going-back"] = [Entries.Opened(), Entries.Started(Stage.Review), Entries.Cancelled()],
        ["undo-broke"] = [Entries.Opened(), Entries.Started(Stage.DeployStaging), Entries.Broke(Stage.DeployStaging),
            Entries.Cancelled(), Entries.Broke(Stage.DeployStaging, "undo")],
        ["parked"] = [
            Entries.Opened(), Entries.Started(Stage.DeployStaging), Entries.Broke(Stage.DeployStaging), Entries.Cancelled(),
            .. Enumerable.Repeat(Entries.Broke(Stage.DeployStaging, "undo"), Decisions.UndoTries)],
        ["promoted"] = [.. Entries.Done(Stage.Promote), Entries.Started(Stage.Watch)],
        ["settled"] = [.. Entries.Done(Stage.Promote, Stage.Watch), Entries.Started(Stage.Finish)],
        ["finished"] = [.. Entries.AllDone(), Entries.Closed()],
        ["not-merged"] = [.. Entries.Done(Stage.Promote, Stage.Watch), Entries.Refused(Stage.Finish),
            Entries.Closed(Outcome.FinishedNotMerged, "no")],
        ["refused"] = [Entries.Opened(), Entries.Started(Stage.Review), Entries.Refused(Stage.Review), Entries.Closed(Outcome.Refused,
            "no")],
        ["rolled-back"] = [.. Entries.AllDone(), Entries.Closed(), Entries.Commanded(Command.RollBack), Entries.Undone(Stage.Promote),
            Entries.Closed(Outcome.RolledBack, "no")],
    };

    [Theory]
    [InlineData("empty", Command.Abort, "command.closed")]
    [InlineData("empty", Command.Retry, "command.under-way")]
    [InlineData("empty", Command.RollBack, "command.not-live")]
    [InlineData("running", Command.Abort, null)]
    [InlineData("running", Command.Retry, "command.under-way")]
    [InlineData("running", Command.RollBack, "command.not-live")]
    [InlineData("waiting", Command.Abort, null)]
    [InlineData("waiting", Command.Retry, "command.under-way")]
    [InlineData("going-back", Command.Abort, "command.going-back")]
    [InlineData("going-back", Command.Retry, "command.under-way")]
    [InlineData("going-back", Command.RollBack, "command.not-live")]
    [InlineData("undo-broke", Command.Retry, null)]
    [InlineData("parked", Command.Retry, null)]
    [InlineData("parked", Command.Abort, "command.going-back")]
    [InlineData("promoted", Command.Abort, null)]
    [InlineData("promoted", Command.RollBack, null)]
    [InlineData("settled", Command.Abort, "command.settled")]
    [InlineData("settled", Command.RollBack, null)]
    [InlineData("finished", Command.Abort, "command.closed")]
    [InlineData("finished", Command.Retry, "command.finished")]
    [InlineData("finished", Command.RollBack, null)]
    [InlineData("not-merged", Command.Retry, null)]
    [InlineData("not-merged", Command.RollBack, null)]
    [InlineData("refused", Command.Abort, "command.closed")]
    [InlineData("refused", Command.Retry, null)]
    [InlineData("refused", Command.RollBack, "command.not-live")]
    [InlineData("rolled-back", Command.RollBack, "command.not-live")]
    public void Each_command_fits_its_states(string state, Command command, string? refusal) =>
        Assert.Equal(refusal, Identity.Refused.By(() => Commands.Check(Logs[state].Fold(), command, Id)));

    [Theory]
    [InlineData("empty", "empty", null)]
    [InlineData("running", "running", "Review")]
    [InlineData("waiting", "waiting", "AllowRun")]
    [InlineData("going-back", "going-back", "Review")]
    [InlineData("undo-broke", "going-back", null)]
    [InlineData("parked", "parked", null)]
    [InlineData("settled", "running", "Finish")]
    [InlineData("finished", "finished", null)]
    [InlineData("not-merged", "finished-not-merged", null)]
    [InlineData("refused", "refused", null)]
    [InlineData("rolled-back", "rolled-back", null)]
    public void Each_state_has_its_word(string state, string word, string? stage)
    {
        var progress = Logs[state].Fold();
        Assert.Equal((word, stage), (Statuses.Of(progress, Entries.Began, Plans.Shipped), Statuses.StageOf(progress)));
    }

    [Fact]
    public void Every_outcome_has_a_word_of_its_own() =>
        Assert.Equal(Enum.GetValues<Outcome>().Length, Enum.GetValues<Outcome>().Select(Statuses.Name).Distinct().Count());
}
