using System.Collections.Immutable;
using Maestro.Evidence;

namespace Maestro.Outside.Processes;

/// <summary>A silo dies, and another finds what it left. How often something ran is read from the scripts' own journal.</summary>
public sealed class RecoveryTests
{
    private const string Effect = "pr/local/acme/shop/42/a1/Build";

    [Fact]
    public async Task Work_goes_on_without_its_silo_and_is_run_once()
    {
        await using var place = new Workplace { Unsandboxed = true };
        var command = place.Script($"""
            echo ran >> {place.Journal}
            while [ ! -e {place.Folder}/go ]; do sleep 0.05; done
            echo hi > $MAESTRO_OUTPUT/a
            """);
        Assert.IsType<Work<ImageBuilt>.Running>(await AskAsync(place, command));
        await Workplace.UntilAsync("it began", () => File.Exists(place.Journal));
        Assert.IsType<Work<ImageBuilt>.Running>(await AskAsync(place, command));
        await File.WriteAllTextAsync(Path.Combine(place.Folder, "go"), "", Workplace.Cancellation);
        Assert.IsType<Work<ImageBuilt>.Done>(await place.BuildAsync(command, Effect));
        Assert.Equal(["ran"], await JournalAsync(place));
    }

    [Fact]
    public async Task A_result_is_found_again_for_ever()
    {
        await using var place = new Workplace { Unsandboxed = true };
        var command = place.Script($"echo ran >> {place.Journal}; echo hi > $MAESTRO_OUTPUT/a");
        var first = await place.BuildAsync(command, Effect);
        Assert.Equal(first, await place.BuildAsync(command, Effect));
        Assert.Equal(["ran"], await JournalAsync(place));
    }

    [Fact]
    public async Task A_silo_that_died_before_it_launched_is_made_up_for()
    {
        await using var place = new Workplace { Unsandboxed = true };
        var command = place.Script($"echo ran >> {place.Journal}; echo hi > $MAESTRO_OUTPUT/a");
        var abandoned = AbandonIntent(place);
        Assert.IsType<Work<ImageBuilt>.Done>(await place.BuildAsync(command, Effect));
        Assert.Equal(ProcessIdentity.Nobody, abandoned.Claim);
        Assert.Equal(["ran"], await JournalAsync(place));
    }

    [Fact]
    public async Task A_launcher_that_comes_late_finds_its_work_taken()
    {
        await using var place = new Workplace { Unsandboxed = true };
        var command = place.Script($"echo ran >> {place.Journal}; echo hi > $MAESTRO_OUTPUT/a");
        var abandoned = AbandonIntent(place);
        Assert.IsType<Work<ImageBuilt>.Done>(await place.BuildAsync(command, Effect));
        using var runner = place.Runner();
        runner.Launch(abandoned.Path, "late");
        await Workplace.UntilAsync("the late launcher is gone", () =>
            !ProcessTable.Read().Any(row => ProcessTable.HasVariable(row.Pid, WorkFile.MarkerVariable, "late")));
        Assert.Null(abandoned.Result);
        Assert.Equal(["ran"], await JournalAsync(place));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Work_that_died_without_a_result_broke_and_may_be_tried_again(bool unsandboxed)
    {
        Assert.SkipUnless(unsandboxed || Workplace.CanSandbox, "bubblewrap is not installed.");
        await using var place = new Workplace { Unsandboxed = unsandboxed };
        var command = place.Script("sleep 600; echo hi > $MAESTRO_OUTPUT/a");
        await AskAsync(place, command);
        await Workplace.UntilAsync("it runs", () => place.Processes().Length > (unsandboxed ? 2 : 3));
        NativeMethods.Signal(place.Leader(Effect).Pid, NativeMethods.Kill);
        Assert.Equal("work.lost", Assert.IsType<Work<ImageBuilt>.Broke>(await place.BuildAsync(command, Effect)).Reason.Code);
        Assert.Empty(place.Processes());
        Assert.IsType<Work<ImageBuilt>.Running>(await AskAsync(place, command));
    }

    [Fact]
    public async Task Stopped_work_leaves_no_process_and_may_be_started_again()
    {
        await using var place = new Workplace();
        var command = place.Script("sleep 604 & sleep 605; echo hi > $MAESTRO_OUTPUT/a");
        await AskAsync(place, command);
        await Workplace.UntilAsync("it runs", () => place.Processes().Length > 3);
        var workshop = place.Workshop();
        await workshop.StopAsync(Effect, Workplace.Cancellation);
        Assert.Empty(place.Processes());
        await workshop.StopAsync(Effect, Workplace.Cancellation);
        await workshop.StopAsync("nobody ever asked for it", Workplace.Cancellation);
        Assert.IsType<Work<ImageBuilt>.Running>(await AskAsync(place, command));
    }

    [Fact]
    public async Task Two_installations_with_one_effect_leave_each_other_alone()
    {
        await using var one = new Workplace { Unsandboxed = true };
        await using var other = new Workplace { Unsandboxed = true };
        await AskAsync(one, one.Script("sleep 607"));
        await AskAsync(other, other.Script("sleep 608"));
        await Workplace.UntilAsync("both run", () => one.Processes().Length > 2 && other.Processes().Length > 2);
        await one.Workshop().StopAsync(Effect, Workplace.Cancellation);
        Assert.Empty(one.Processes());
        Assert.Equal(3, other.Processes().Length);
        await other.Workshop().StopAsync(Effect, Workplace.Cancellation);
    }

    [Fact]
    public async Task One_effect_is_bound_to_one_tree()
    {
        await using var place = new Workplace();
        var command = place.Script("echo hi > $MAESTRO_OUTPUT/a");
        await place.BuildAsync(command, Effect);
        var work = await place.Workshop().BuildAsync(Effect, Workplace.Change("tree-2"), Workplace.Manifest(command),
            Workplace.Cancellation);
        Assert.Equal("work.mismatch", Assert.IsType<Work<ImageBuilt>.Refused>(work).Reason.Code);
    }

    [Fact]
    public async Task Many_at_once_start_it_once()
    {
        await using var place = new Workplace { Unsandboxed = true };
        var command = place.Script($"echo ran >> {place.Journal}; echo hi > $MAESTRO_OUTPUT/a");
        var workshops = new[] { place.Workshop(), place.Workshop(), place.Workshop() };
        await Task.WhenAll(workshops.SelectMany(workshop => Enumerable.Range(0, 4).Select(_ => workshop.BuildAsync(
            Effect, Workplace.Change(), Workplace.Manifest(command), Workplace.Cancellation))));
        Assert.IsType<Work<ImageBuilt>.Done>(await place.BuildAsync(command, Effect));
        Assert.Equal(["ran"], await JournalAsync(place));
    }

    [Fact]
    public async Task Old_work_and_orphaned_drafts_are_swept()
    {
        await using var place = new Workplace();
        for (var number = 0; number < 3; number++)
        {
            await place.BuiltAsync($"echo {Workplace.Text(number)} > $MAESTRO_OUTPUT/a");
        }
        using var runner = place.Runner();
        Directory.CreateDirectory(Path.Combine(runner.Folder, "drafts", "1-1-dead"));
        var own = runner.Draft();
        Assert.Equal(3, runner.Sweep(keep: 1));
        Assert.Single(WorkShelf.Newest(runner.Folder));
        Assert.True(Directory.Exists(own.Path));
    }

    [Fact]
    public async Task A_full_disk_is_told_and_nothing_hangs()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can mount a small disk.");
        var mount = Directory.CreateTempSubdirectory("maestro-full-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount);
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(mount, "in")).FullName;
            await using var place = new Workplace(folder) { Limits = WorkLimits.Default with { ReserveBytes = 0 } };
            var filled = await place.BuildAsync(place.Script("dd if=/dev/zero of=big bs=4k count=1000"), "b1");
            Assert.Equal("build.failed", Assert.IsType<Work<ImageBuilt>.Refused>(filled).Reason.Code);
            await File.WriteAllBytesAsync(Path.Combine(mount, "ballast"), new byte[900 << 10], Workplace.Cancellation);
            place.Git.Files["large"] = new string('x', 200 << 10);
            var broke = await place.BuildAsync(place.Script("true"), "b2");
            Assert.Equal("work.disk", Assert.IsType<Work<ImageBuilt>.Broke>(broke).Reason.Code);
        }
        finally
        {
            await RunAsync("umount", "-l", mount);
            Directory.Delete(mount);
        }
    }

    [Fact]
    public async Task Work_ends_before_the_hosts_disk_is_full()
    {
        await using var place = new Workplace { Limits = WorkLimits.Default with { ReserveBytes = long.MaxValue } };
        var work = await place.BuildAsync(place.Script("sleep 600"));
        Assert.Equal("work.disk", Assert.IsType<Work<ImageBuilt>.Broke>(work).Reason.Code);
    }

    private static Task<Work<ImageBuilt>> AskAsync(Workplace place, string command) =>
        place.Workshop().BuildAsync(Effect, Workplace.Change(), Workplace.Manifest(command), Workplace.Cancellation);

    private static Task<string[]> JournalAsync(Workplace place) => File.ReadAllLinesAsync(place.Journal, Workplace.Cancellation);

    /// <summary>What a silo leaves that dies between writing its intent and starting the launcher.</summary>
    private static WorkFolder AbandonIntent(Workplace place)
    {
        var shelf = new WorkShelf(Path.Combine(place.Folder, "work"));
        var draft = shelf.Draft();
        draft.Write(new WorkFile(
            WorkMode.Run, Effect, 1, "another silo", "", "late", TimeProvider.System.GetUtcNow(),
            ["/bin/sh", "-c", $"echo twice >> {place.Journal}"],
            ImmutableSortedDictionary<string, string>.Empty, "/", WorkLimits.Default, [], false, 0));
        Assert.True(shelf.TryPublish(draft, shelf.At(Effect, 1)));
        return shelf.At(Effect, 1);
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = System.Diagnostics.Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.Equal(0, process.ExitCode);
    }
}
