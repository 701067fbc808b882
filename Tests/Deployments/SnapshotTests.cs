using System.Text;

namespace Maestro.Deployments;

/// <summary>The head's copy of the fold: it says the same, it is small, and damage is known as damage.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void Every_prefix_of_a_full_run_fits_and_reads_as_it_was()
    {
        var log = Entries.AllDone().Append(Entries.Closed()).ToList();
        for (var length = 0; length <= log.Count; length++)
        {
            var progress = log.Take(length).Fold();
            var bytes = Snapshot.Write(progress);
            Assert.NotEmpty(bytes);
            SameProgress.Assert(progress, Snapshot.Read(bytes));
        }
    }

    [Fact]
    public void Everything_an_attempt_can_have_is_kept()
    {
        List<LogEntry> log = [
            .. Entries.Done(Stage.DeployStaging, Stage.Promote), Entries.Started(Stage.Watch), Entries.Broke(Stage.Watch,
                Codes.Deadline), Entries.Cancelled("why"),
            Entries.Broke(Stage.Watch, Codes.StopDeadline), Entries.Broke(Stage.Promote, "undo-broken"),
                Entries.Commanded(Command.RollBack, "r2"),
            Entries.Undone(Stage.Promote, Entries.Evidence), Entries.Undone(Stage.DeployStaging), Entries.Opened(2)];
        SameProgress.Assert(log.Fold(), Snapshot.Read(Snapshot.Write(log.Fold())));
    }

    [Fact]
    public void What_would_not_fit_is_left_out()
    {
        var log = Enumerable.Range(1, 40).Select(attempt => Entries.Opened(attempt)).ToList();
        Assert.Equal(40, log.Fold().Attempts.Length);
        Assert.Empty(Snapshot.Write(log.Fold()));
    }

    [Fact]
    public void After_many_releases_the_attempt_under_way_still_fits_and_the_oldest_are_left_to_the_log()
    {
        var log = Enumerable.Range(1, 21).SelectMany(attempt => Entries.AllDone().Append(Entries.Closed()).Select(entry => entry with { Attempt = attempt }))
            .Concat(Entries.AllDone().SkipLast(1).Select(entry => entry with { Attempt = 22 })).ToList();
        var (progress, read) = (log.Fold(), Snapshot.Read(Snapshot.Write(log.Fold())));
        Assert.Equal(22, progress.Attempts.Length);
        Assert.False(progress.Shortened);
        Assert.True(read.Shortened);
        SameProgress.Assert(progress, read);
        Assert.Equal((22, Stage.Finish.ToString()), (read.Active!.Attempt, Statuses.StageOf(read)));

        // What is appended to it comes to the same.
        log.AddRange([Entries.Proved(Stage.Finish) with { Attempt = 22 }, Entries.Closed(attempt: 22)]);
        SameProgress.Assert(log.Fold(), read.With(log[^2]).With(log[^1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[1,null]")]
    [InlineData("[1,[[]]]")]
    [InlineData("[\"a\",[]]")]
    [InlineData("[99999999999999,[]]")]
    [InlineData("[1.5,[]]")]
    [InlineData("[1,[[1,1,99999999999999999,\"\",\"\",\"\",\"\",null,null,null,false,null,null,[]]]]")]
    [InlineData("[1,[[1,1,0,\"*\",\"\",\"\",\"\",null,null,null,false,null,null,[]]]]")]
    public void What_is_no_snapshot_is_said_to_be_none(string text) => Assert.Throws<FormatException>(() =>
        Snapshot.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_damaged_snapshot_is_read_or_refused_and_nothing_else()
    {
        var whole = Snapshot.Write(Entries.AllDone().Append(Entries.Cancelled()).Fold());
        var random = new Random(7);
        for (var time = 0; time < 5000; time++)
        {
            var bytes = whole.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)"[],\"0129nulltrue-."[random.Next(18)];
            }
            try
            {
                _ = Snapshot.Read(bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length));
            }
            catch (FormatException)
            {
                continue;
            }
        }
    }
}
