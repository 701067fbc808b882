using System.Collections.Immutable;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Deployments;

/// <summary>What is shown of an attempt costs the same however long its log is.</summary>
public sealed class AttemptHistoryTests : IDisposable
{
    private static readonly DeploymentId Id = Database.Deployment();
    private readonly Database _database = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task A_closed_attempt_is_shown_with_all_its_rows_and_reasons()
    {
        var why = Digest.Of("why"u8);
        var refused = new LogEntry.Refused(1, Entries.Began, Entries.Actor, Stage.Build, 1, "no", why);
        var (history, _) = await ReadAsync([.. Entries.Done(Stage.Review, Stage.AllowRun), Entries.Started(Stage.Build), refused,
            Entries.Closed(Outcome.Refused, "no")]);
        Assert.Equal([Stage.Review, Stage.AllowRun, Stage.Build], history.Attempt.Rows.Keys.Order());
        Assert.Equal((Outcome.Refused, "no"), (history.Attempt.Outcome, history.Attempt.ClosedCode));
        Assert.Equal(why, history.Details[(Stage.Build, "no")]);
    }

    [Fact]
    public async Task A_long_history_is_not_read_and_an_open_attempt_is_whole()
    {
        List<LogEntry> log = [.. Entries.Done(Stage.DeployStaging), Entries.Cancelled()];
        log.AddRange(Enumerable.Range(1, 3000).Select(_ => Entries.Broke(Stage.DeployStaging, "undo")));
        var (history, read) = await ReadAsync(log);
        Assert.InRange(read, 1, AttemptHistory.Tail);
        SameProgress.Assert(log.Fold(), new(log.Count, [history.Attempt]));
    }

    private async Task<(AttemptHistory History, int Read)> ReadAsync(IReadOnlyList<LogEntry> entries)
    {
        await using var log = new SqliteDeploymentLog(_database.Source);
        await Task.WhenAll(entries.Select((entry, index) => (entry, index)).Select(pair =>
            log.AppendAsync(Database.Append(Id, pair.index + 1, entry: pair.entry), Cancellation)));
        var counted = new Counted(log);
        var progress = entries.Fold();
        return (await AttemptHistory.ReadAsync(counted, Id, progress, progress.Newest!, Cancellation), counted.Read);
    }

    /// <summary>Counts the entries that are read.</summary>
    private sealed class Counted(IDeploymentLog inner) : WrappedLog(inner)
    {
        public int Read { get; private set; }

        public override async Task<ImmutableArray<StoredEntry>> ReadAsync(DeploymentId deployment, int from, int count, CancellationToken cancellation)
        {
            var page = await base.ReadAsync(deployment, from, count, cancellation);
            Read += page.Length;
            return page;
        }
    }
}
