using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Calls of people: made before the entry is recorded, and known again by the entry's number.</summary>
public sealed class CallsTests
{
    private static readonly DeploymentId Id = DeploymentId.Of("local", "acme", "shop", 1);
    private readonly Told _told = new();

    [Fact]
    public async Task The_undo_that_parks_and_the_release_that_came_back_by_itself_call_people_once_each()
    {
        LogEntry[] log = [
            .. Entries.Done(Stage.Promote), Entries.Started(Stage.Watch), Entries.Refused(Stage.Watch),
            .. Enumerable.Repeat(Entries.Broke(Stage.Promote, "undo"), Decisions.UndoTries), Entries.Undone(Stage.Promote, Entries.Evidence),
            Entries.Closed(Outcome.RolledBack, "no")];
        await TellAsync(log);
        Assert.Equal(["undo.parked", "release.rolled-back"], _told.All.Select(call => call.Code));
        await TellAsync(log);
        Assert.Equal(4, _told.All.Count);
        Assert.Equal(2, _told.All.Select(call => call.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_release_that_was_rolled_back_by_command_calls_nobody()
    {
        await TellAsync([.. Entries.AllDone(), Entries.Closed(), Entries.Commanded(Command.RollBack), Entries.Undone(Stage.Promote, Entries.Evidence),
            Entries.Closed(Outcome.RolledBack, Codes.RolledBackByCommand)]);
        Assert.Empty(_told.All);
    }

    // As the grain does it: people are called for what is about to be recorded.
    private async Task TellAsync(LogEntry[] log)
    {
        var progress = Progress.Empty;
        foreach (var entry in log)
        {
            progress = progress.With(entry);
            await new Calls(_told).BeforeAsync(Id, progress, entry);
        }
    }

    private sealed class Told : INotifier
    {
        public List<(string Id, string Code)> All { get; } = [];

        public Task NotifyAsync(string subject, Reason reason, CancellationToken cancellation) => NotifyAsync("", subject, reason, cancellation);

        public Task NotifyAsync(string id, string subject, Reason reason, CancellationToken cancellation)
        {
            All.Add((id, reason.Code));
            return Task.CompletedTask;
        }
    }
}
